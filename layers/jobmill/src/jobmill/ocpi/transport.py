"""One page of a peer's objects: OCPI's headers, its envelope, and what the answer says of the pages that follow."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from jobmill.errors import CallerError
from jobmill.fetching import Answer
from jobmill.hosts import AllowedHosts
from jobmill.ocpi.line import HOSTS_PARAMETER, Line, OnStop, OutOfOrder, Wait, peer_addresses
from jobmill.ocpi.peers import Peer

__all__ = ["HOSTS_PARAMETER", "Asker", "OnStop", "Page", "Wait", "peer_addresses"]

_MAX_SAID_CHARACTERS: Final = 200
_COUNT: Final = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer. `total` is of the whole window, as the peer says; `limit` is the most it gives at a time."""

    objects: list[object]
    next_url: str | None
    total: int | None
    limit: int | None


class Asker:
    """Asks one peer, one page after the other."""

    def __init__(self, peer: Peer, hosts: AllowedHosts, wait: Wait, on_stop: OnStop, **named: Any) -> None:
        """`named` is for Line: where its chance and its clock come from."""
        self.peer = peer
        self._line = Line(peer.name, hosts, wait, on_stop, **named)
        self._correlation = str(uuid4())

    def ask(self, url: str) -> Page:
        """The page at this URL, which is the peer's own or a link that it gave.

        Raises as `Line.get` and `Line.next_url`; CallerError `peer-refused` if OCPI's status code is 2xxx.
        """
        return self._line.get(url, self._headers, lambda answer: self._read(url, answer))

    def _headers(self) -> Mapping[str, str]:
        peer = self.peer
        token = b64encode(peer.token.encode()).decode() if peer.encodes_token else peer.token
        headers = {
            "Authorization": f"Token {token}",
            "Accept": "application/json",
            "X-Request-ID": str(uuid4()),
            "X-Correlation-ID": self._correlation,
        }
        for side, party in (("to", peer.to_party), ("from", peer.from_party)):
            if party is not None:
                country_code, _, party_id = party.partition("*")
                headers |= {f"OCPI-{side}-country-code": country_code, f"OCPI-{side}-party-id": party_id}
        return headers

    def _read(self, url: str, answer: Answer) -> Page:
        body = self._line.json(answer)
        if not isinstance(body, dict):
            raise self._line.broken("answers with JSON that is no OCPI response.")
        self._judge(body)
        objects = body.get("data")
        if not isinstance(objects, list):
            raise self._line.broken('answers without a list in "data".')
        total, limit = (_count(answer.headers.get(name)) for name in ("x-total-count", "x-limit"))
        return Page(objects, self._line.next_url(url, answer), total, limit)

    def _judge(self, body: dict[str, Any]) -> None:
        """Raise what OCPI's own status says, unless it is success (1xxx)."""
        code = body.get("status_code")
        if not isinstance(code, int) or isinstance(code, bool) or not 1_000 <= code < 4_000:
            raise self._line.broken("answers without an OCPI status_code.")
        if code >= 3_000:
            raise OutOfOrder(f"{self.peer.name} answers with OCPI status {code}.")
        if code >= 2_000:
            raise CallerError(
                "peer-refused",
                f"{self.peer.name} refuses the request with OCPI status {code}. Ask its operator.",
                details=_said(body.get("status_message")),
            )


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and _COUNT.fullmatch(text.strip()) else None


def _said(message: object) -> str | None:
    """What the peer says, as far as it may be shown."""
    if not isinstance(message, str):
        return None
    return "".join(each if each.isprintable() else " " for each in message[:_MAX_SAID_CHARACTERS]) or None
