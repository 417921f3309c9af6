"""Readers of a peer: one request, and a naive crawl that follows links and believes them."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from jobmill_local.peer import Key, Peer


@dataclass(frozen=True)
class Got:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body, parse_float=Decimal)

    @property
    def data(self) -> list[Any]:
        assert self.status == 200, self.body
        assert self.json["status_code"] == 1000
        return self.json["data"]

    @property
    def next(self) -> str | None:
        link = self.headers.get("Link")
        return re.fullmatch(r'<(.+)>; rel="next"', link)[1] if link else None

    @property
    def total(self) -> int:
        return int(self.headers["X-Total-Count"])


def token_of(peer: Peer, *, encoded: bool = True) -> str:
    token = base64.b64encode(peer.token.encode()).decode() if encoded else peer.token
    return f"Token {token}"


def get(url: str, authorization: str | None) -> Got:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname, parts.port, timeout=5)
    try:
        headers = {"Authorization": authorization, "X-Request-ID": "r-1"} if authorization else {}
        connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
        answer = connection.getresponse()
        return Got(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


def ask(peer: Peer, route: str, **query: object) -> Got:
    return get(f"{peer.url_of(route)}?{urlencode(query)}", token_of(peer))


def pages(peer: Peer, route: str, **query: object) -> Iterator[Got]:
    """The pages as their links lead."""
    got = ask(peer, route, **query)
    yield got
    while got.next:
        got = get(got.next, token_of(peer))
        yield got


def crawl(peer: Peer, route: str, **query: object) -> list[Any]:
    return [raw for page in pages(peer, route, **query) for raw in page.data]


def key(raw: dict[str, Any]) -> Key:
    return raw["country_code"].upper(), raw["party_id"].upper(), raw.get("id", "")
