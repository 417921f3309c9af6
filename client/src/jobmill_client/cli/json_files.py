"""JSON files that options name: schemas, checks, scenarios; what is wrong with one is told before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from jobmill_client.errors import Misuse
from jobmill_client.models import JsonObject


def schema(path: Path) -> JsonObject:
    """A Table Schema. Raises Misuse."""
    found = _read(path, "--schema")
    if not isinstance(found, dict) or not isinstance(found.get("fields"), list):
        raise Misuse(f'--schema {path}: a Table Schema is an object with a list "fields".')
    return found


def checks(path: Path) -> list[JsonObject]:
    """A list of checks, alone or as `checks` of an object. Raises Misuse."""
    found = _read(path, "--checks")
    listed = found.get("checks") if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise Misuse(f"--checks {path}: checks are a list of objects.")
    return listed


def scenario(path: Path) -> JsonObject:
    """A scenario, alone or as `scenario` of an object. Raises Misuse."""
    found = _read(path, "The scenario")
    inner = found.get("scenario", found) if isinstance(found, dict) else found
    if not isinstance(inner, dict) or not isinstance(inner.get("steps"), list):
        raise Misuse(f'The scenario {path}: a scenario is an object with a "name" and a list "steps".')
    return inner


def _read(path: Path, what: str) -> Any:
    try:
        return json.loads(path.read_bytes(), parse_constant=_no_number)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Misuse(f"{what} {path} is not JSON: {error.msg} in {place}.") from error
    except ValueError as error:
        raise Misuse(f"{what} {path} is not JSON: {error}.") from error
    except RecursionError as error:
        raise Misuse(f"{what} {path} is not JSON that can be read: it is nested too deeply.") from error
    except OSError as error:
        raise Misuse(f"{what} {path} cannot be read: {error.strerror or error}.") from error


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number in JSON")
