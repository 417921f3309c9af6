"""The small languages of the options: conditions, orders, lists, mappings, parameters, times, a dataset's name."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from jobmill_client.errors import Misuse
from jobmill_client.models import JsonObject

NAME_CHARACTERS = 63

_COLUMN = r'(?P<column>"(?:[^"\\]|\\.)+"|[^\s"=!<>]+)'
_CONDITION = re.compile(
    rf"\s*{_COLUMN}(?:\s*(?P<sign><=|>=|!=|=|<|>)|\s+(?P<word>[A-Za-z]+)(?!\S))\s*(?P<value>.*?)\s*",
    re.DOTALL,
)
_WORDS = {word.lower(): word for word in ("in", "contains", "startsWith", "isNull", "notNull")}


def condition(text: str) -> JsonObject:
    """`column op value` as the API's `{column, op, value}`.

    `op` is one of = != < <= > >= in contains startsWith isNull notNull; the last two take no value.
    The value is JSON where it can be read so (`7`, `true`, `"7"`), else the text itself; of `in` an array,
    or values with commas between. A column's name with spaces or signs stands in double quotes.
    Raises Misuse.
    """
    found = _CONDITION.fullmatch(text)
    word = found and found["word"]
    op = found and (found["sign"] or _WORDS.get((word or "").lower()))
    if found is None or op is None:
        raise Misuse(f"--where {text!r} is not 'column op value'; op is of = != < <= > >= {' '.join(_WORDS.values())}.")
    column = json.loads(found["column"]) if found["column"].startswith('"') else found["column"]
    value = found["value"]
    if op in ("isNull", "notNull"):
        if value:
            raise Misuse(f"--where {text!r}: {op} takes no value.")
        return {"column": column, "op": op}
    if not value:
        raise Misuse(f'--where {text!r} has no value; an empty text is "".')
    return {"column": column, "op": op, "value": _values(value) if op == "in" else _value(value)}


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except ValueError:
        return text


def _values(text: str) -> list[Any]:
    whole = _value(text)
    return whole if isinstance(whole, list) else [_value(part) for part in comma_list(text)]


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def comma_list(text: str) -> list[str]:
    """`a,b` as ["a", "b"]; a part with a comma stands in double quotes, as in CSV."""
    parts = next(csv.reader([text], skipinitialspace=True), [])
    return [part.strip() for part in parts if part.strip()]


def order(text: str) -> list[JsonObject]:
    """`name:desc,city` as the API's `[{column, descending?}]`. Raises Misuse."""
    keys: list[JsonObject] = []
    for part in comma_list(text):
        column, _, direction = part.rpartition(":") if part.endswith((":asc", ":desc")) else (part, "", "asc")
        if not column:
            raise Misuse(f"--order-by {text!r} is not 'column' or 'column:desc'.")
        keys.append({"column": column} | ({"descending": True} if direction == "desc" else {}))
    return keys


def params(text: str) -> JsonObject:
    """A JSON object, or `@file` with one. Raises Misuse, OSError."""
    content = Path(text[1:]).read_bytes() if text.startswith("@") else text
    try:
        found = json.loads(content, parse_constant=_no_number)
    except ValueError as error:
        raise Misuse(f"--params is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise Misuse("--params is not a JSON object.")
    return found


def mapping(texts: Iterable[str]) -> dict[str, str]:
    """`Header=field`, several: the field of each header, which may have signs `=` itself. Raises Misuse."""
    found: dict[str, str] = {}
    for text in texts:
        header, _, field = (part.strip() for part in text.rpartition("="))
        if not header or not field:
            raise Misuse(f"--map {text!r} is not 'Header=field'.")
        if header in found:
            raise Misuse(f"--map names the header {header!r} twice.")
        if field in found.values():
            raise Misuse(f"--map takes the field {field!r} from two headers.")
        found[header] = field
    return found


def one_of(option: str, text: str | None, signs: str) -> str | None:
    """One of the `signs`; `tab` is a tab. Raises Misuse."""
    sign = "\t" if text in ("tab", "\\t") else text
    if sign is None or (len(sign) == 1 and sign in signs):
        return sign
    listed = " ".join("tab" if each == "\t" else each for each in signs)
    raise Misuse(f"{option} {text!r} is none of {listed}")


def moment(text: str) -> datetime:
    """An ISO 8601 date (its first moment) or time; without a zone it is this computer's. Raises Misuse."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError) as error:
        raise Misuse(f"{text!r} is not a date or a time such as 2026-07-31 or 2026-07-31T08:00Z.") from error


def dataset_name(path: Path) -> str:
    """A dataset's name made of a file's: `Kunden Köln (2).csv` is `kunden_koln_2`. Raises Misuse for none."""
    ascii_text = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", ascii_text)[:NAME_CHARACTERS].strip("_")
    if not name:
        raise Misuse(f"{path.name} gives no name for a dataset; choose one with --dataset.")
    return name
