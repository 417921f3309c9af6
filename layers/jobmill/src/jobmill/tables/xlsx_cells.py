"""In which form a column's values survive in a workbook."""

from dataclasses import dataclass
from typing import Final

from jobmill.tables.columns import Column, ColumnType
from jobmill.tables.engine import identifier
from jobmill.tables.query import Query

MAX_CELL_CHARACTERS: Final = 32_767
_MAX_INTEGER: Final = 10**15 - 1
_FIRST_DAY: Final = "DATE '1900-03-01'"
_LAST_DAY: Final = "DATE '9999-12-31'"
# Excel counts days from 1899-12-30, DuckDB microseconds from 1970-01-01.
_SERIAL: Final = "epoch_us({c}) / 86400000000.0 + 25569"
# Excel counts UTF-16 units, in which a character beyond U+FFFF is two. Bytes are a cheap upper bound.
_BEYOND: Final = r"length(regexp_replace({t}, '[^\x{10000}-\x{10FFFF}]', '', 'g'))"
_IS_LONG: Final = (
    f"strlen({{c}}) > {MAX_CELL_CHARACTERS} AND length({{c}}) + "
    + _BEYOND.replace("{t}", "{c}")
    + f" > {MAX_CELL_CHARACTERS}"
)
_CUT: Final = (
    f"left({{c}}, {MAX_CELL_CHARACTERS} - " + _BEYOND.replace("{t}", f"left({{c}}, {MAX_CELL_CHARACTERS})") + ")"
)

_SAMPLE_ROWS: Final = 1_000
_MIN_WIDTH: Final = 8
_MAX_WIDTH: Final = 60
# Room for the filter's button beside a header.
_BUTTON_WIDTH: Final = 3

_DATE_FORMAT: Final = "yyyy-mm-dd"
_SECONDS_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"
_MILLISECONDS_FORMAT: Final = "yyyy-mm-dd hh:mm:ss.000"
_TEXT_FORMAT: Final = "@"

# Facts to count per type; {c} is the quoted column.
_FACTS: Final = {
    ColumnType.TEXT: (_IS_LONG,),
    ColumnType.INTEGER: (f"{{c}} NOT BETWEEN -{_MAX_INTEGER} AND {_MAX_INTEGER}",),
    ColumnType.NUMBER: ("isnan({c})",),
    ColumnType.BOOLEAN: (),
    ColumnType.DATE: (f"{{c}} NOT BETWEEN {_FIRST_DAY} AND {_LAST_DAY}",),
    ColumnType.TIMESTAMP: (
        f"{{c}}::DATE NOT BETWEEN {_FIRST_DAY} AND {_LAST_DAY} OR epoch_us({{c}}) % 1000 != 0",
        "epoch_us({c}) % 1000000 != 0",
    ),
}


@dataclass(frozen=True, slots=True)
class Cells:
    """How one column is written: its SQL, Excel's number format (or None), width in characters, and note."""

    column: Column
    sql: str
    type: ColumnType
    number_format: str | None
    width: float
    note: str | None


def look_at(query: Query) -> tuple[int, list[Cells]]:
    """Count the query's rows and decide for each column how its values are written, in one pass over them."""
    facts = [_facts(column) for column in query.columns]
    wanted = ["count(*)", *(f"count(*) FILTER ({fact})" for column in facts for fact in column)]
    [(rows, *counted)] = query.run(f"SELECT {', '.join(wanted)} FROM ({{query}})")
    lengths = [f"max(length({identifier(column.name)}::VARCHAR))" for column in query.columns]
    [longest] = query.run(f"SELECT {', '.join(lengths)} FROM (FROM ({{query}}) LIMIT {_SAMPLE_ROWS})")
    counts = iter(counted)
    cells = [
        _cells(column, [int(str(next(counts))) for _ in fact], int(str(length or 0)))
        for column, fact, length in zip(query.columns, facts, longest, strict=True)
    ]
    return int(str(rows)), cells


def _facts(column: Column) -> list[str]:
    return [_sql(fact, column) for fact in _FACTS[column.type]]


def _sql(template: str, column: Column) -> str:
    return template.replace("{c}", identifier(column.name))


def _cells(column: Column, counts: list[int], longest: int) -> Cells:
    width = min(max(longest, len(column.name) + _BUTTON_WIDTH, _MIN_WIDTH), _MAX_WIDTH) + 1
    sql, type_, number_format, note = _form(column, counts)
    return Cells(column, f"CAST({sql} AS {type_.sql})", type_, number_format, float(width), note)


def _form(column: Column, counts: list[int]) -> tuple[str, ColumnType, str | None, str | None]:
    """The SQL, type, number format and note for a column of which `counts` are the facts."""
    cell = identifier(column.name)
    first, *others = counts or [0]
    match column.type:
        case ColumnType.TEXT if first:
            cut = f"CASE WHEN {_sql(_IS_LONG, column)} THEN {_sql(_CUT, column)} ELSE {cell} END"
            note = f"Cut to {MAX_CELL_CHARACTERS:,} characters, the most that Excel takes: {first:,} cells."
            return cut, ColumnType.TEXT, _TEXT_FORMAT, note
        case ColumnType.TEXT:
            return cell, ColumnType.TEXT, _TEXT_FORMAT, None
        case ColumnType.INTEGER if first:
            note = "Written as text: Excel keeps only 15 digits of a number."
            return cell, ColumnType.TEXT, _TEXT_FORMAT, note
        case ColumnType.NUMBER if first:
            note = f"Left empty, because they are not a number (NaN): {first:,} cells."
            return cell, ColumnType.NUMBER, None, note
        case ColumnType.DATE if first:
            note = "Written as text: Excel has no dates before 1 March 1900 that all programs agree on."
            return cell, ColumnType.TEXT, _TEXT_FORMAT, note
        case ColumnType.DATE:
            return cell, ColumnType.DATE, _DATE_FORMAT, None
        case ColumnType.TIMESTAMP if first:
            note = "Written as text: Excel keeps times to the millisecond, and from 1 March 1900 on."
            return cell, ColumnType.TEXT, _TEXT_FORMAT, note
        case ColumnType.TIMESTAMP if any(others):
            return _sql(_SERIAL, column), ColumnType.NUMBER, _MILLISECONDS_FORMAT, None
        case ColumnType.TIMESTAMP:
            return cell, ColumnType.TIMESTAMP, _SECONDS_FORMAT, None
        case _:
            return cell, column.type, None, None
