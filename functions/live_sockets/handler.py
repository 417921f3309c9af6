"""WebSocket API → connections and subscriptions. What a client sends wrong is answered, and never closes its socket."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.errors import CallerError, TooMany
from jobmill.json_values import Json, dump_json
from jobmill.live.connections import get_connection, put_connection, remove_connection
from jobmill.live.requests import read_request
from jobmill.live.tickets import use_ticket
from jobmill.log import logger
from jobmill.times import now_utc
from live_sockets.actions import answer

REFUSED = {"statusCode": 401}
FULL = {"statusCode": 429}
DONE = {"statusCode": 200}


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one event of a socket: opened, closed, or a message."""
    connection_id = event["requestContext"]["connectionId"]
    match event["requestContext"]["eventType"]:
        case "CONNECT":
            return connect(connection_id, event.get("queryStringParameters") or {})
        case "DISCONNECT":
            remove_connection(connection_id)
            return DONE
        case _:
            return DONE | {"body": dump_json(reply(connection_id, event.get("body") or ""))}


def connect(connection_id: str, query: dict[str, str]) -> dict[str, Any]:
    """Let in who has a ticket that holds, and not too many connections."""
    now = now_utc()
    listener = use_ticket(query.get("ticket", ""), now)
    if listener is None:
        return REFUSED
    try:
        put_connection(connection_id, listener, now)
    except TooMany as error:
        logger.info("socket refused", connection_id=connection_id, caller=listener.caller.id, code=error.code)
        return FULL
    logger.info("socket opened", connection_id=connection_id, caller=listener.caller.id)
    return DONE


def reply(connection_id: str, body: str) -> Json:
    """The answer to a message; an error says what is wrong, and of which job or project."""
    subject: dict[str, Json] = {}
    try:
        request = read_request(body)
        subject = request.subject
        return answer(request, get_connection(connection_id, now_utc()))
    except CallerError as error:
        return {"type": "error", "code": error.code, "message": error.message} | subject
    except Exception:  # the socket's last resort
        logger.exception("message broke", connection_id=connection_id)
        message = "Something went wrong on our side. Try again in a moment."
        return {"type": "error", "code": "unavailable", "message": message} | subject
