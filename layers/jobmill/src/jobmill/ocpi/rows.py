"""Locations and charge detail records (CDRs) as rows of a dataset: flat, typed, written fast, and the newer one kept.

Columns have OCPI's names; the fields of an object inside have its name before theirs (`cdr_token_uid`). Times are in
UTC, without a zone. Lists of names are one text, with `, ` between; `charging_periods` is the list itself, as JSON.
Left out are what no table can show: `signed_data`, images, opening hours, and a tariff's elements (its id is there).

Money, energy and hours are 64-bit floats, from which `cdr_of` reads back every decimal of up to 15 digits. One that
would come back as another number is also in the text column `exact_numbers`, a JSON object by column: nothing is
rounded unseen.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from jobmill.ocpi.exact_json import read_json, write_json
from jobmill.ocpi.objects import key_of, moment
from jobmill.tables.columns import Column, ColumnType
from jobmill.tables.engine import PARQUET, identifier, literal
from jobmill.tables.upsert import numbered

type Cell = str | int | float | bool | datetime | None
type Row = tuple[Cell, ...]

KEY: Final = ("country_code", "party_id", "id")
"""The columns that identify an object; country and party in upper case."""
LOCATION_ROW: Final = ("evse_uid",)
"""The column that tells the rows of one location apart."""
_TEXT, _NUMBER, _WHOLE = ColumnType.TEXT, ColumnType.NUMBER, ColumnType.INTEGER
_FLAG, _TIME = ColumnType.BOOLEAN, ColumnType.TIMESTAMP
_EXACT: Final = "exact_numbers"
_PERIODS: Final = "charging_periods"
_UPDATED: Final = "last_updated"
_TARIFFS: Final = "tariff_ids"
_PRICES: Final = ("excl_vat", "incl_vat")
_COSTS: Final = ("", "_fixed", "_energy", "_time", "_parking", "_reservation")

# Column, type, and where in the object it is.
type _Field = tuple[str, ColumnType, tuple[str, ...]]


def _fields(type_: ColumnType, names: str, inside: str = "") -> list[_Field]:
    """A field for each of `names`, of the object itself or of the one `inside` it."""
    return [
        (f"{inside}_{name}" if inside else name, type_, (inside, name) if inside else (name,)) for name in names.split()
    ]


_CDR: Final = [
    *_fields(_TEXT, "country_code party_id id"),
    *_fields(_TIME, "start_date_time end_date_time"),
    *_fields(_TEXT, "session_id"),
    *_fields(_TEXT, "country_code party_id uid type contract_id", "cdr_token"),
    *_fields(_TEXT, "auth_method authorization_reference"),
    *_fields(_TEXT, "id name address city postal_code state country", "cdr_location"),
    *[(f"cdr_location_{name}", _NUMBER, ("cdr_location", "coordinates", name)) for name in ("latitude", "longitude")],
    *_fields(_TEXT, "evse_uid evse_id connector_id", "cdr_location"),
    *_fields(_TEXT, "connector_standard connector_format connector_power_type", "cdr_location"),
    *_fields(_TEXT, "meter_id currency"),
    (_TARIFFS, _TEXT, ("tariffs",)),
    (_PERIODS, _TEXT, (_PERIODS,)),
    *_fields(_NUMBER, "total_energy total_time total_parking_time"),
    *[field for kind in _COSTS for field in _fields(_NUMBER, " ".join(_PRICES), f"total{kind}_cost")],
    *_fields(_TEXT, "remark invoice_reference_id"),
    *_fields(_FLAG, "credit"),
    *_fields(_TEXT, "credit_reference_id"),
    *_fields(_FLAG, "home_charging_compensation"),
    *_fields(_TIME, _UPDATED),
    (_EXACT, _TEXT, (_EXACT,)),
]
_LOCATION: Final = [
    *_fields(_TEXT, "country_code party_id id"),
    *_fields(_FLAG, "publish"),
    *_fields(_TEXT, "name address city postal_code state country"),
    *_fields(_NUMBER, "latitude longitude", "coordinates"),
    *_fields(_TEXT, "parking_type time_zone facilities"),
    *[(f"{role}_name", _TEXT, (role, "name")) for role in ("operator", "suboperator", "owner")],
    *_fields(_FLAG, "charging_when_closed"),
    *_fields(_FLAG, "twentyfourseven", "opening_times"),
    *_fields(_FLAG, "is_green_energy", "energy_mix"),
    *_fields(_TIME, _UPDATED),
]
_EVSE: Final = [
    *_fields(_TEXT, "uid evse_id status capabilities floor_level physical_reference parking_restrictions"),
    ("latitude", _NUMBER, ("coordinates", "latitude")),
    ("longitude", _NUMBER, ("coordinates", "longitude")),
    *_fields(_TIME, _UPDATED),
]
# Of an EVSE's connectors: the different values of texts, the largest of numbers.
_CONNECTORS: Final = _fields(_TEXT, "id standard format power_type") + _fields(
    _WHOLE, "max_voltage max_amperage max_electric_power"
)

_PLACES: Final = {name: place for place, (name, *_) in enumerate(_CDR)}
_NUMBERS: Final = [(name, path) for name, type_, path in _CDR if type_ is _NUMBER]

CDR_COLUMNS: Final = tuple(Column(name, type_) for name, type_, _ in _CDR)
LOCATION_COLUMNS: Final = (
    *(Column(name, type_) for name, type_, _ in _LOCATION),
    *(Column(name if name.startswith("evse_") else f"evse_{name}", type_) for name, type_, _ in _EVSE),
    Column("connectors", _WHOLE),
    *(Column(f"connector_{name}", type_) for name, type_, _ in _CONNECTORS),
    Column(_TARIFFS, _TEXT),
)


def cdr_row(cdr: Mapping[str, Any]) -> Row:
    """A valid CDR as the row of `CDR_COLUMNS`."""
    found = [_cell(cdr, type_, path) for _, type_, path in _CDR]
    found[:3] = key_of(cdr)
    found[_PLACES[_TARIFFS]] = _joined(tariff["id"] for tariff in cdr.get("tariffs") or () if tariff.get("id"))
    found[_PLACES[_PERIODS]] = f"[{','.join(map(_period, cdr[_PERIODS]))}]"
    changed = {}
    for name, path in _NUMBERS:
        exact = _at(cdr, path)
        if exact is not None and not _is_kept(exact, found[_PLACES[name]]):
            changed[name] = exact
    found[_PLACES[_EXACT]] = write_json(changed) if changed else None
    return tuple(found)


def cdr_of(row: Sequence[object]) -> dict[str, Any]:
    """The CDR of a row, as far as the row has it, with exact numbers: enough for its checks and totals."""
    cells = dict(zip((name for name, *_ in _CDR), row, strict=True))
    exact = read_json(str(cells[_EXACT] or "{}"))
    cdr: dict[str, Any] = {}
    for name, type_, path in _CDR:
        value: Any = cells[name]
        if type_ is _NUMBER and value is not None:
            value = Decimal(exact.get(name, repr(value)))
        elif isinstance(value, datetime):
            value = f"{value.isoformat()}Z"
        elif name == _PERIODS:
            value = read_json(value)
        if value is not None and name not in {_TARIFFS, _EXACT}:
            inside = cdr
            for outer in path[:-1]:
                inside = inside.setdefault(outer, {})
            inside[path[-1]] = value
    return cdr


def location_rows(location: Mapping[str, Any]) -> Iterator[Row]:
    """A valid location as rows of `LOCATION_COLUMNS`: one for each EVSE, or one without.

    EVSEs that are REMOVED stay: they are the only word of it.
    """
    own = [_cell(location, type_, path) for _, type_, path in _LOCATION]
    own[:3] = key_of(location)
    for evse in location.get("evses") or [{}]:
        connectors = evse.get("connectors") or []
        yield (
            *own,
            *(_cell(evse, type_, path) for _, type_, path in _EVSE),
            len(connectors) if evse else None,
            *(_summary(connectors, name, type_) for _, type_, (name,) in _CONNECTORS),
            _joined(tariff for connector in connectors for tariff in connector.get("tariff_ids") or ()),
        )


def write_rows(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], rows: Iterable[Row], target: Path
) -> int:
    """Write `rows` as a Parquet file, `target`, in their order; gives how many. Repeating it writes the same bytes.

    Through a file of JSON lines beside `target`, which is in the connection's workspace: rows flow, and are not
    gathered. `cdr_row` takes some 0.2 ms of one core for a CDR, and this another 0.1 ms.
    """
    names = [column.name for column in columns]
    lines = target.with_name(f"{target.name}.jsonl")
    types = ", ".join(f"{literal(column.name)}: {literal(column.type.sql)}" for column in columns)
    source = f"read_json({literal(str(lines))}, format = 'newline_delimited', columns = {{{types}}})"
    try:
        with lines.open("w", encoding="ascii") as file:
            for row in rows:
                file.write(json.dumps(dict(zip(names, row, strict=True)), default=datetime.isoformat, allow_nan=False))
                file.write("\n")
        [(written,)] = connection.execute(f"COPY (FROM {source}) TO {literal(str(target))} ({PARQUET})").fetchall()
    finally:
        lines.unlink(missing_ok=True)
    return int(written)


def drop_older(
    connection: duckdb.DuckDBPyConnection,
    base_parts: Sequence[Path],
    new_part: Path,
    key: Sequence[str],
    target: Path,
    row: Sequence[str] = (),
) -> int:
    """Write the rows of `new_part` that are to join `base_parts` to `target`, in their order; gives how many.

    Left out are the rows of an object (with the same `key`) that the base has with a newer `last_updated`, and, if
    `new_part` has it more than once, all but the newest, of equal ones the last. An object that is several rows has
    the columns `row` to tell them apart (`LOCATION_ROW`). The base's rows with a key of `target` are as old or older,
    to be replaced: `jobmill.tables.upsert`, with the same key. Repeating it writes the same bytes.
    """
    rows = numbered(connection, new_part)
    number, keys = identifier(rows.number), ", ".join(map(identifier, key))
    parts = ", ".join(map(identifier, (*key, *row)))
    narrow = f"SELECT {parts}, {_UPDATED}, {number} FROM {rows.sql}"
    newest = (
        f"SELECT * FROM ({narrow}) QUALIFY {_UPDATED} IS NOT DISTINCT FROM max({_UPDATED}) OVER (PARTITION BY {keys})"
        f" AND {number} = last({number}) OVER (PARTITION BY {parts}, {_UPDATED} ORDER BY {number}"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    )
    if base_parts:
        files = ", ".join(literal(str(part)) for part in base_parts)
        base = f"SELECT {keys}, {_UPDATED} FROM read_parquet([{files}]) SEMI JOIN ({newest}) USING ({keys})"
        same = " AND ".join(f"fresh.{identifier(name)} = known.{identifier(name)}" for name in key)
        newest = (
            f"FROM ({newest}) AS fresh ANTI JOIN ({base}) AS known ON {same} AND known.{_UPDATED} > fresh.{_UPDATED}"
        )
    kept = f"FROM {rows.sql} SEMI JOIN (SELECT {number} FROM ({newest})) USING ({number})"
    statement = f"SELECT * EXCLUDE ({number}) FROM ({kept}) ORDER BY {number}"
    [(written,)] = connection.execute(f"COPY ({statement}) TO {literal(str(target))} ({PARQUET})").fetchall()
    return int(written)


def _at(raw: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = raw
    for name in path:
        value = value.get(name)
        if value is None:
            return None
    return value


def _cell(raw: Mapping[str, Any], type_: ColumnType, path: Sequence[str]) -> Cell:
    value = _at(raw, path)
    if value is None:
        return None
    match type_:
        case ColumnType.NUMBER:
            return float(value)
        case ColumnType.INTEGER:
            return int(value)
        case ColumnType.BOOLEAN:
            return bool(value)
        case ColumnType.TIMESTAMP:
            return moment(value).replace(tzinfo=None)
        case _:
            return _joined(value) if isinstance(value, list) else _text(value)


def _summary(connectors: Sequence[Mapping[str, Any]], name: str, type_: ColumnType) -> Cell:
    """The largest number among the connectors, or their different texts."""
    cells = [cell for each in connectors if (cell := _cell(each, type_, (name,))) is not None]
    if type_ is _WHOLE:
        return max((cell for cell in cells if isinstance(cell, int)), default=None)
    return _joined(cells)


def _joined(texts: Iterable[object]) -> str | None:
    """The different texts, in their order."""
    return ", ".join(dict.fromkeys(_text(text) for text in texts)) or None


def _text(value: object) -> str:
    """Half a pair of UTF-16, which JSON may have and a file may not, becomes `?`."""
    text = str(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _is_kept(exact: Any, cell: Cell) -> bool:
    """Whether a float reads back as the number that it was made of."""
    return Decimal(repr(cell)) == Decimal(exact)


def _period(period: Mapping[str, Any]) -> str:
    """What OCPI has of a charging period, as JSON, without a peer's own fields.

    Three times as fast as `write_json`: these are half of a row's time. What is valid needs no more escaping.
    """
    dimensions = ",".join(f'{{"type":"{each["type"]}","volume":{each["volume"]}}}' for each in period["dimensions"])
    tariff = f',"tariff_id":{json.dumps(period["tariff_id"])}' if period.get("tariff_id") else ""
    return f'{{"start_date_time":"{period["start_date_time"]}","dimensions":[{dimensions}]{tariff}}}'
