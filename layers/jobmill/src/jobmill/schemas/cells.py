"""A cell's text becomes its value: SQL templates for each type of field.

Millions of cells go through them, and most are written canonically. So each type tries DuckDB's own cast first and
keeps it where a cheap look shows it to be exact: alone it reads 5.4 as 5, 0x10 as 16, 2024/02/29 10:00 as a date and
+-1 as -1. Only other cells meet a regular expression. DuckDB casts a cell once where the cast stands first in a CASE,
without AND before it; else twice.
"""

import re
from typing import Final

from jobmill.schemas import date_patterns, values
from jobmill.schemas.table_schema import Field
from jobmill.schemas.templates import constant
from jobmill.tables.engine import literal
from jobmill.tables.rules import MARK, fill

_STRIPPED: Final = f"CASE WHEN starts_with({{c}}, {literal(MARK)}) THEN substr({{c}}, 2) ELSE {{c}} END"
_FEW: Final = 3
_YEARS: Final = "BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'"

_INTEGER: Final = (
    "CASE WHEN TRY_CAST({t} AS BIGINT)::VARCHAR = {t} THEN TRY_CAST({t} AS BIGINT)"
    f" WHEN regexp_full_match({{t}}, '{values.INTEGER}') THEN TRY_CAST({{t}} AS BIGINT) END"
)
_NUMBER: Final = (
    "CASE WHEN isfinite(TRY_CAST({t} AS DOUBLE)) AND NOT contains({t}, '_')"
    " AND ({t} >= '-' OR NOT contains({t}, '+-')) THEN TRY_CAST({t} AS DOUBLE) END"
)
_DATE: Final = (
    "CASE WHEN TRY_CAST({t} AS DATE)::VARCHAR = {t} THEN CASE WHEN strlen({t}) = 10 THEN TRY_CAST({t} AS DATE) END"
    f" WHEN {{t}} > '0001' AND regexp_full_match({{t}}, '{values.DATE}') THEN TRY_CAST({{t}} AS DATE) END"
)
_FORM: Final = "%Y-%m-%dT%H:%M:%S"
_UTC: Final = "make_timestamp(epoch_us(TRY_CAST({t} AS TIMESTAMPTZ)))"
# The first part is most files' cells. Where strptime fills nineteen characters that neither begin nor end with a
# blank (it passes over those), each field has its width.
_DATETIME: Final = (
    "coalesce(CASE WHEN TRY_CAST({t} AS TIMESTAMP) IS NULL THEN NULL"
    " WHEN contains({t}, 'T') THEN CASE"
    f" WHEN strlen({{t}}) = 19 AND {{t}} > '0001' AND {{t}}[19] >= '0' THEN TRY_STRPTIME({{t}}, '{_FORM}')"
    f" WHEN strlen({{t}}) = 20 AND {{t}} > '0001' AND {{t}}[20] = 'Z' THEN TRY_STRPTIME({{t}}, '{_FORM}Z') END"
    " WHEN TRY_CAST({t} AS TIMESTAMP)::VARCHAR = {t}"
    f" THEN CASE WHEN TRY_CAST({{t}} AS TIMESTAMP) {_YEARS} THEN TRY_CAST({{t}} AS TIMESTAMP) END END,"
    " CASE WHEN {t} < '0001' THEN NULL"
    f" WHEN regexp_full_match({{t}}, '{values.DATETIME}') THEN TRY_CAST({{t}} AS TIMESTAMP)"
    f" WHEN regexp_full_match({{t}}, '{values.ZONED}') THEN CASE WHEN {_UTC} {_YEARS} THEN {_UTC} END END)"
)
_STRING_FORMATS: Final = {
    "email": r'[^@\s"(),:;<>\[\\\]]+@(?:[\pL\pN](?:[\pL\pN-]*[\pL\pN])?\.)+[\pL\pN]{2,}',
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+",
    "uuid": "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
    "binary": "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
}

# A marked cell's text {t} (without the mark), as a workbook has each type.
_NATIVE: Final = {
    "number": "CASE WHEN isfinite(TRY_CAST({t} AS DOUBLE)) THEN TRY_CAST({t} AS DOUBLE) END",
    "boolean": "CASE {t} WHEN 'true' THEN true WHEN 'false' THEN false END",
    "date": "CASE WHEN strlen({t}) = 10 OR {t} LIKE '__________ 00:00:00' THEN TRY_CAST({t} AS DATE) END",
    "datetime": "CASE WHEN strlen({t}) >= 10 THEN TRY_CAST({t} AS TIMESTAMP) END",
    "yearmonth": "CASE WHEN regexp_full_match({t}, '[0-9]{4}-[0-9]{2}-01( 00:00:00)?') THEN left({t}, 7) END",
}


def text(field: Field, missing: list[str], has_native_cells: bool) -> str:
    """The cell's text over {c}; NULL for a missing value. An empty cell is NULL already."""
    texts = [each for each in missing if each]
    cell = "{c}"
    if has_native_cells and is_plain(field):
        cell = _STRIPPED
    elif has_native_cells:
        texts += [f"{MARK}{each}" for each in texts]
    if not texts:
        return cell
    if len(texts) <= _FEW:
        for each in texts:
            cell = f"nullif({cell}, {constant(each)})"
        return cell
    return f"CASE WHEN {cell} IN ({', '.join(map(constant, texts))}) THEN NULL ELSE {cell} END"


def value(field: Field, decimal_char: str, has_native_cells: bool) -> str:
    """The cell's value over {t}, its text; NULL when it does not parse."""
    parsed = _parsed(field, decimal_char)
    if not has_native_cells or is_plain(field):
        return parsed
    unmarked = "substr({t}, 2)"
    native = _native(field)
    read = fill(parsed, t=unmarked)
    if native:
        read = f"coalesce({fill(native, t=unmarked)}, {read})"
    return f"CASE WHEN starts_with({{t}}, {literal(MARK)}) THEN {read} ELSE {parsed} END"


def is_plain(field: Field) -> bool:
    """Whether the field holds any text as it is, so that a number in a workbook is its digits."""
    return field.type in ("string", "any")


def _native(field: Field) -> str | None:
    if field.type == "time" and field.format != "default":
        return f"strftime(TRY_CAST('2000-01-01 ' || {{t}} AS TIMESTAMP), {constant(field.format)})"
    return _NATIVE.get(field.type)


def _parsed(field: Field, decimal_char: str) -> str:
    if field.type in ("date", "datetime", "time") and field.format != "default":
        return _by_pattern(field)
    if field.type == "number":
        return _number(field, decimal_char)
    if field.type == "integer":
        return fill(_INTEGER, t=_bare(field, None))
    if field.type == "boolean":
        return _boolean(field)
    expression = _STRING_FORMATS.get(field.format)
    return _whole(expression) if expression else _DEFAULT.get(field.type, "{t}")


def _whole(expression: str, value: str = "{t}") -> str:
    return f"CASE WHEN regexp_full_match({{t}}, {constant(expression)}) THEN {value} END"


def _by_pattern(field: Field) -> str:
    moment = f"TRY_STRPTIME({{t}}, {constant(field.format)})"
    if field.type == "time":
        moment = f"CASE WHEN {moment} IS NOT NULL THEN {{t}} END"
    else:
        moment = f"CASE WHEN {moment} {_YEARS} THEN {moment} END::{field.stored.sql}"
    return _whole(date_patterns.expression(field.format), moment)


_DEFAULT: Final = {
    "date": _DATE,
    "datetime": _DATETIME,
    "time": _whole(values.TIME),
    "year": _whole(values.YEAR, "TRY_CAST({t} AS BIGINT)"),
    "yearmonth": _whole(values.YEARMONTH),
}


def _boolean(field: Field) -> str:
    cases = [f"WHEN {constant(each)} THEN true" for each in field.true_values]
    cases += [f"WHEN {constant(each)} THEN false" for each in field.false_values]
    return f"CASE {{t}} {' '.join(cases)} END"


def _number(field: Field, decimal_char: str) -> str:
    point = field.decimal_char or decimal_char
    if point == field.group_char:
        point = "," if point == "." else "."
    digits = _bare(field, point)
    if point == ".":
        return fill(_NUMBER, t=digits)
    number = fill(_NUMBER, t=f"replace({digits}, {constant(point)}, '.')")
    return f"CASE WHEN NOT contains({digits}, '.') THEN {number} END"


def _bare(field: Field, point: str | None) -> str:
    """The number's text without what may stand around it (if the field allows that), and without group signs."""
    digits = "{t}"
    if not field.bare_number:
        digits = "regexp_extract({t}, '(?s)[-0-9].*[0-9]|[0-9]')"
        if point:
            # Is "Rs.5" 5 or 0.5? Neither.
            unclear = constant(rf"(?s)[^0-9-]*{re.escape(point)}[0-9].*")
            digits = f"CASE WHEN NOT regexp_full_match({{t}}, {unclear}) THEN {digits} END"
    return f"replace({digits}, {constant(field.group_char)}, '')" if field.group_char else digits
