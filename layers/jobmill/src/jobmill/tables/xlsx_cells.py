"""In which form a column's values survive in a workbook."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jobmill.tables.column_formats import ColumnFormat, headers
from jobmill.tables.columns import Column, ColumnType
from jobmill.tables.engine import identifier
from jobmill.tables.number_formats import is_number_format
from jobmill.tables.query import Query

MAX_CELL_CHARACTERS: Final = 32_767
_MAX_INTEGER: Final = 10**15 - 1
_FIRST_DAY: Final = "DATE '1900-03-01'"
_LAST_DAY: Final = "DATE '9999-12-31'"
# Excel counts days from 1899-12-30, DuckDB microseconds from 1970-01-01. Counted here, because the writer (0.8.0)
# puts times before 1970 up to two days off and drops parts of a second.
_SERIAL: Final = "epoch_us({c}) / 86400000000.0 + 25569"
# Excel counts UTF-16 units, in which a character beyond U+FFFF is two. Bytes are a cheap upper bound, and CASE
# keeps the expensive count to the cells above it.
_BEYOND: Final = r"length(regexp_replace({t}, '[^\x{10000}-\x{10FFFF}]', '', 'g'))"
_IS_LONG: Final = (
    f"CASE WHEN strlen({{c}}) > {MAX_CELL_CHARACTERS}"
    f" THEN length({{c}}) + {_BEYOND.replace('{t}', '{c}')} > {MAX_CELL_CHARACTERS} ELSE false END"
)
_CUT: Final = f"left({{c}}, {MAX_CELL_CHARACTERS} - {_BEYOND.replace('{t}', f'left({{c}}, {MAX_CELL_CHARACTERS})')})"

# Begins like a number, a date or a formula: Excel would make one of it when somebody types it again, unless its cell
# has the format of texts. Not all texts have it: four such columns of ten cost an eighth of a workbook's time.
_IS_LIKE_A_VALUE: Final = "{c} < ':' OR starts_with({c}, '=') OR starts_with({c}, '@')"

_SAMPLE_ROWS: Final = 1_000
_MIN_WIDTH: Final = 8
_MAX_WIDTH: Final = 60
# Room for the filter's button beside a header.
_BUTTON_WIDTH: Final = 3
# Room for what a number format of the schema's adds: a currency, two decimals, and a point at each third digit.
_FORMAT_WIDTH: Final = 6

_TEXT_FORMAT: Final = "@"
_DATE_FORMAT: Final = "yyyy-mm-dd"
_SECONDS_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"
_MILLISECONDS_FORMAT: Final = "yyyy-mm-dd hh:mm:ss.000"
_AS_TEXT: Final = {
    ColumnType.INTEGER: "Written as text: Excel keeps only 15 digits of a number.",
    ColumnType.DATE: "Written as text: programs do not agree on dates before 1 March 1900 in a workbook.",
    ColumnType.TIMESTAMP: "Written as text: Excel keeps times to the millisecond, and from 1 March 1900 on.",
}

# What to count in a column of each type; {c} is the quoted column. The first speaks for text, if any.
_FACTS: Final = {
    ColumnType.TEXT: (_IS_LONG, _IS_LIKE_A_VALUE),
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
    """How one column is written: its header, SQL, Excel's number format (or None), width in characters, and note."""

    column: Column
    header: str
    sql: str
    type: ColumnType
    number_format: str | None
    width: float
    note: str | None


def look_at(query: Query, formats: Mapping[str, ColumnFormat]) -> tuple[int, list[Cells]]:
    """Count the query's rows and decide for each column how its values are written, in one pass over them.

    `formats` are the schema's, by column. A query with an order is sorted for it: store its rows before.
    """
    facts = [_facts(column) for column in query.columns]
    wanted = ["count(*)", *(f"count(*) FILTER ({fact})" for column in facts for fact in column)]
    [(rows, *counted)] = query.run(f"SELECT {', '.join(wanted)} FROM ({{query}})")
    lengths = [f"max(length({identifier(column.name)}::VARCHAR))" for column in query.columns]
    [longest] = query.run(f"SELECT {', '.join(lengths)} FROM (FROM ({{query}}) LIMIT {_SAMPLE_ROWS})")
    counts = iter(counted)
    named = zip(query.columns, headers(query.columns, formats), facts, longest, strict=True)
    cells = [
        _cells(column, header, formats.get(column.name), [int(str(next(counts))) for _ in fact], int(str(length or 0)))
        for column, header, fact, length in named
    ]
    return int(str(rows)), cells


def _facts(column: Column) -> list[str]:
    return [_sql(fact, column) for fact in _FACTS[column.type]]


def _sql(template: str, column: Column) -> str:
    return template.replace("{c}", identifier(column.name))


def _cells(column: Column, header: str, wanted: ColumnFormat | None, counts: list[int], longest: int) -> Cells:
    sql, type_, number_format, note = _form(column, counts)
    notes = [note] if note else []
    if wanted and wanted.title and header != wanted.title:
        notes.append(f'Named as in the dataset: its title "{wanted.title}" is another column\'s too.')
    if wanted and wanted.number_format and type_ is not ColumnType.TEXT:
        if is_number_format(wanted.number_format):
            number_format = wanted.number_format
            longest = max(longest + longest // 3 + _FORMAT_WIDTH, len(number_format))
        else:
            notes.append("Shown plainly: Excel does not know the number format of the schema.")
    width = min(max(longest, len(header) + _BUTTON_WIDTH, _MIN_WIDTH), _MAX_WIDTH) + 1
    cast = f"CAST({sql} AS {type_.sql})"
    return Cells(column, header, cast, type_, number_format, float(width), "\n".join(notes) or None)


def _form(column: Column, counts: list[int]) -> tuple[str, ColumnType, str | None, str | None]:
    """The SQL, type, number format and note for a column of which `counts` are the facts."""
    first, *others = counts or [0]
    sql, type_ = identifier(column.name), column.type
    if first and type_ in _AS_TEXT:
        return sql, ColumnType.TEXT, _TEXT_FORMAT, _AS_TEXT[type_]
    if type_ is ColumnType.TEXT:
        number_format = _TEXT_FORMAT if any(others) else None
        if not first:
            return sql, type_, number_format, None
        note = f"Cut to {MAX_CELL_CHARACTERS:,} characters, the most that Excel takes: {first:,} cells."
        return (
            f"CASE WHEN {_sql(_IS_LONG, column)} THEN {_sql(_CUT, column)} ELSE {sql} END",
            type_,
            number_format,
            note,
        )
    if type_ is ColumnType.TIMESTAMP:
        number_format = _MILLISECONDS_FORMAT if any(others) else _SECONDS_FORMAT
        return _sql(_SERIAL, column), ColumnType.NUMBER, number_format, None
    if type_ is ColumnType.NUMBER and first:
        return sql, type_, None, f"Left empty, because they are not a number (NaN): {first:,} cells."
    return sql, type_, _DATE_FORMAT if type_ is ColumnType.DATE else None, None
