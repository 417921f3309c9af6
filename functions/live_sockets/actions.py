"""What each action of a client does."""

from jobmill.jobs.access import visible_job
from jobmill.json_values import Json
from jobmill.live.connections import Connection, connection_over, subscribe, unsubscribe
from jobmill.live.requests import Action, Request
from jobmill.live.subscriptions import Topic


def answer(request: Request, connection: Connection | None) -> Json:
    """Do what the request asks, by the rights of its connection, and say that it is done.

    Raises CallerError: `connection-over`, `job-not-found` and `job-gone` and `project-not-found` as the API does,
    `too-many-subscriptions`.
    """
    if connection is None:
        raise connection_over()
    caller = connection.listener.caller
    match request.action:
        case Action.PING:
            return {"type": "pong"}
        case Action.SUBSCRIBE_JOB:
            subscribe(connection, Topic(visible_job(caller, request.id).project_id, request.id))
        case Action.SUBSCRIBE_PROJECT:
            caller.require_reader(request.id)
            subscribe(connection, Topic(request.id))
        case Action.UNSUBSCRIBE_JOB:
            for topic in connection.topics:
                if topic.job_id == request.id:
                    unsubscribe(connection, topic)
        case Action.UNSUBSCRIBE_PROJECT:
            topic = Topic(request.id)
            if topic in connection.topics:
                unsubscribe(connection, topic)
    done = "subscribed" if request.action.startswith("subscribe") else "unsubscribed"
    return {"type": done} | request.subject
