"""A field's rules: its type's, and those of its constraints, each as SQL over {t} and {v} with its sentence."""

from collections.abc import Iterator

from jobmill.schemas import date_patterns
from jobmill.schemas.cells import is_plain
from jobmill.schemas.table_schema import Field
from jobmill.schemas.templates import constant, sql_of
from jobmill.tables.rules import Rule

SHOWN_VALUES = 10
_WANTED = {
    "integer": "a whole number (up to 18 digits)",
    "number": "a number",
    "date": "a date like 2024-02-29",
    "datetime": "a date and time like 2024-02-29T23:59:00",
    "time": "a time like 23:59:00",
    "year": "a year of four digits",
    "yearmonth": "a month like 2024-02",
    "email": "an e-mail address",
    "uri": "an address like https://example.org/page",
    "uuid": "a UUID",
    "binary": "binary data in base64",
}
_ORDER_WORDS = {
    "minimum": ("less than", "before", "least", "first"),
    "maximum": ("more than", "after", "most", "last"),
}


def rules(field: Field, is_key: bool, may_misfit: bool = True) -> tuple[Rule, ...]:
    """All rules of a field but uniqueness; a field of the primary key is required."""
    return tuple(_rules(field, is_key, may_misfit))


def _rules(field: Field, is_key: bool, may_misfit: bool) -> Iterator[Rule]:
    given = field.constraints
    if may_misfit and not (is_plain(field) and field.format == "default"):
        sentence = f'"{{value}}" is not {_wanted(field)}.'
        yield Rule(field.name, "type-error", "{t} IS NOT NULL AND {v} IS NULL", None, sentence)
    if given.required or is_key:
        yield Rule(field.name, "required", "{t} IS NULL", None, f'A value is missing: "{field.name}" needs one.')
    if given.min_length is not None:
        sentence = f'"{{value}}" has fewer than {given.min_length:,} characters.'
        yield Rule(field.name, "minLength", f"length({{v}}) < {given.min_length}", str(given.min_length), sentence)
    if given.max_length is not None:
        # Bytes are an upper bound, and cheaper.
        broken = f"strlen({{v}}) > {given.max_length} AND length({{v}}) > {given.max_length}"
        sentence = f'"{{value}}" has more than {given.max_length:,} characters.'
        yield Rule(field.name, "maxLength", broken, str(given.max_length), sentence)
    for code, bound, sign in (("minimum", given.minimum, "<"), ("maximum", given.maximum, ">")):
        if bound is not None:
            yield _bound(field, code, bound, sign)
    if given.pattern is not None:
        broken = f"NOT regexp_full_match({{v}}, {constant(given.pattern)})"
        sentence = f'"{{value}}" does not match the pattern "{given.pattern}".'
        yield Rule(field.name, "pattern", broken, given.pattern, sentence)
    if given.enum is not None:
        yield _enum(field, given.enum)


def _bound(field: Field, code: str, bound: int | float | str, sign: str) -> Rule:
    amount, moment, least, first = _ORDER_WORDS[code]
    is_amount = field.type in ("integer", "number")
    sentence = f"{{value}} is {amount if is_amount else moment} {bound}, the {least if is_amount else first} allowed."
    broken = f"{_comparable(field)} {sign} {sql_of(field.limit(bound))}"
    return Rule(field.name, code, broken, str(bound), sentence)


def _enum(field: Field, values: list[bool | int | float | str]) -> Rule:
    listed = ", ".join(sql_of(field.limit(value)) for value in values)
    shown = ", ".join(_shown(value) for value in values[:SHOWN_VALUES])
    more = f" and {len(values) - SHOWN_VALUES:,} more" if len(values) > SHOWN_VALUES else ""
    broken = f"{_comparable(field)} NOT IN ({listed})"
    return Rule(field.name, "enum", broken, f"{shown}{more}", f'"{{value}}" is none of {shown}{more}.')


def _comparable(field: Field) -> str:
    """The value as what the field's limits compare with: times are kept as text."""
    if field.type != "time":
        return "{v}"
    if field.format == "default":
        return "TRY_CAST({v} AS TIME)"
    return f"TRY_STRPTIME({{v}}, {constant(field.format)})::TIME"


def _shown(value: bool | int | float | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wanted(field: Field) -> str:
    if field.type == "boolean":
        return "one of " + ", ".join([*field.true_values, *field.false_values][:SHOWN_VALUES])
    if field.type == "string":
        return _WANTED[field.format]
    if field.format != "default":
        kind = {"date": "a date", "datetime": "a date and time", "time": "a time"}[field.type]
        return f"{kind} like {date_patterns.example(field.format)}"
    if field.type == "number" and field.decimal_char:
        return f"a number like 1{field.decimal_char}5"
    return _WANTED[field.type]
