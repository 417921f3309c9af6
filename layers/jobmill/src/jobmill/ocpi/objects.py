"""OCPI objects as they came, and what can be said of them: which one it is, how new, and why it is invalid.

Objects stay the parsed JSON that the peer sent, with all it knows beyond OCPI 2.2.1; the models only judge them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from jobmill.ocpi.cdrs import Cdr, ChargingPeriod, Price
from jobmill.ocpi.fields import OcpiObject, moment
from jobmill.ocpi.locations import Connector, Evse, Location

__all__ = [
    "Cdr", "ChargingPeriod", "Connector", "Evse", "Key", "Kind", "Location", "Price", "Quarantined",
    "key_of", "moment", "reasons",
]  # fmt: skip

MAX_REASONS: Final = 20
"""Of one object; a wrong peer can have a wrong field in each of a thousand connectors."""
MAX_DEPTH: Final = 50
"""Of objects in objects and lists; OCPI's own have 7."""

type Key = tuple[str, str, str]
"""`country_code` and `party_id` in upper case, and `id` as it is."""


class Kind(StrEnum):
    """What is collected."""

    LOCATION = "location"
    CDR = "cdr"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What is not let in: as it came, and why, in sentences."""

    raw: object
    reasons: list[str]


_MODELS: Final[dict[Kind, type[OcpiObject]]] = {Kind.LOCATION: Location, Kind.CDR: Cdr}


def key_of(raw: object) -> Key:
    """Which object it is, in all the world. Raises ValueError if it does not say so."""
    if not isinstance(raw, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - of the peer's value, not of our types
    parts = [raw.get(name) for name in ("country_code", "party_id", "id")]
    if not all(isinstance(part, str) and part and part.isascii() and part.isprintable() for part in parts):
        raise ValueError("no key")
    country_code, party_id, id = (str(part) for part in parts)
    return country_code.upper(), party_id.upper(), id


def reasons(kind: Kind, raw: object) -> list[str]:
    """Why OCPI 2.2.1 does not allow the object, as `evses.0.status: must be one of …`, at most 20; empty if it does."""
    if not isinstance(raw, dict):
        return [f"{kind}: must be a JSON object."]
    if _is_deep(raw):
        return [f"{kind}: is nested more than {MAX_DEPTH} levels deep."]
    try:
        _MODELS[kind].model_validate(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return [_reason(each) for each in found[:MAX_REASONS]]
    return []


def _is_deep(raw: object) -> bool:
    level = [raw]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


_SENTENCES: Final = {
    "missing": "is missing.",
    "string_type": "must be text.",
    "string_unicode": "is no valid Unicode text.",
    "bool_type": "must be true or false.",
    "list_type": "must be a list.",
    "dict_type": "must be a JSON object.",
    "model_type": "must be a JSON object.",
    "string_too_short": "is empty.",
    "too_short": "is empty.",
}


def _reason(error: ErrorDetails) -> str:
    place = ".".join(map(str, error["loc"]))
    sentence = _SENTENCES.get(error["type"]) or _said(error)
    return f"{place}: {sentence}" if place else sentence


def _said(error: ErrorDetails) -> str:
    about: dict[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "string_too_long":
            return f"has more than {about['max_length']} characters."
        case "literal_error":
            expected = str(about["expected"]).replace("'", "")
            return f"must be {expected}." if len(expected) < 200 else "is no value that OCPI 2.2.1 knows."
        case _:
            return error["msg"]
