"""Tickets for live updates."""

from http import HTTPStatus
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from jobmill.callers import signed_in_until
from jobmill.live.listener import Listener
from jobmill.live.tickets import make_ticket
from jobmill.settings import settings
from jobmill.times import now_utc
from jobs_api.responses import documented, json_response
from jobs_api.routes.access import claims_of, current_caller
from jobs_api.views import Moment, View

router = Router()


class LiveTicketView(View):
    """A ticket that opens one WebSocket, once, until `expiresAt`; `url` is the whole address to open."""

    ticket: str
    url: str
    expires_at: Moment


@router.post(
    "/api/live-tickets",
    summary="Make a ticket for live updates",
    tags=["Live updates"],
    responses=documented(HTTPStatus.CREATED, "The ticket; open `url` as a WebSocket", LiveTicketView),
)
def create() -> Response[str]:
    """Make a ticket with the caller's rights, which its connection keeps until the token's end, two hours at most."""
    listener = Listener(current_caller(router.current_event), signed_in_until(claims_of(router.current_event)))
    ticket = make_ticket(listener, now_utc(), settings().live_ticket)
    url = f"{settings().live_url}?{urlencode({'ticket': ticket.text})}"
    view = LiveTicketView(ticket=ticket.text, url=url, expires_at=ticket.expires_at)
    return json_response(view, HTTPStatus.CREATED, headers={"Cache-Control": "no-store"})
