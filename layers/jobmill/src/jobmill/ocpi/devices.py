"""Devices' health, from an endpoint that answers `[{id, health, phone?}]`, page by page."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

from jobmill.errors import CallerError
from jobmill.fetching import Answer
from jobmill.hosts import AllowedHosts
from jobmill.ocpi.line import Line, OnStop, Wait
from jobmill.ocpi.objects import Quarantined
from jobmill.ocpi.peers import Devices

MAX_DEVICES: Final = 100_000
MAX_PAGES: Final = 10_000
MAX_CHARACTERS: Final = 200
"""Of each of a device's fields."""


class Device(TypedDict):
    """What is kept of a device; `phone` takes its reset SMS."""

    id: str
    health: str
    phone: NotRequired[str]


def collect_devices(
    endpoint: Devices, hosts: AllowedHosts, wait: Wait, on_stop: OnStop, **named: Any
) -> tuple[list[Device], list[Quarantined]]:
    """All devices, by their first appearance, and what is none, with reasons. Of two with one id the later one counts.

    Raises as `Line.get` and `Line.next_url`; CallerError `peer-answer-broken`, `peer-link-loop`, `too-many-devices`.
    """
    line = Line("The devices' endpoint", hosts, wait, on_stop, **named)
    headers = {"Accept": "application/json"} | ({"Authorization": f"Token {endpoint.token}"} if endpoint.token else {})
    devices: dict[str, Device] = {}
    invalid: list[Quarantined] = []
    asked: set[str] = set()
    url: str | None = endpoint.url
    while url is not None:
        asked.add(url)
        objects, url = _page(line, headers, url)
        for raw in objects:
            found = _reasons(raw)
            if found or not isinstance(raw, dict):
                invalid.append(Quarantined(raw, found))
            else:
                devices[raw["id"]] = _device(raw)
        if len(devices) + len(invalid) > MAX_DEVICES:
            raise CallerError("too-many-devices", f"The devices' endpoint gives more than {MAX_DEVICES:,} devices.")
        if url in asked or len(asked) >= MAX_PAGES:
            raise CallerError("peer-link-loop", "The devices' endpoint links its pages in a circle, or without end.")
    return list(devices.values()), invalid


def _page(line: Line, headers: Mapping[str, str], url: str) -> tuple[list[object], str | None]:
    def read(answer: Answer) -> tuple[list[object], str | None]:
        objects = line.json(answer)
        if not isinstance(objects, list):
            raise line.broken("answers with what is no list.")
        return objects, line.next_url(url, answer)

    return line.get(url, lambda: headers, read)


def _device(raw: dict[str, Any]) -> Device:
    device: Device = {"id": raw["id"], "health": raw["health"]}
    if raw.get("phone") is not None:
        device["phone"] = raw["phone"]
    return device


def _reasons(raw: object) -> list[str]:
    if not isinstance(raw, dict):
        return ["device: must be a JSON object."]
    wanted = ["id", "health"] if raw.get("phone") is None else ["id", "health", "phone"]
    return [
        f"{name}: must be text of 1 to {MAX_CHARACTERS} characters." for name in wanted if not _is_text(raw.get(name))
    ]


def _is_text(value: object) -> bool:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_CHARACTERS:
        return False
    return not any("\ud800" <= each <= "\udfff" for each in value)
