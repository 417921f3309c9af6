"""When a cell breaks a constraint, and what is said about it."""

from typing import Any

import pytest

from jobmill.errors import CallerError
from jobmill.schemas.compiler import compile_schema
from jobmill.schemas.patterns import check_patterns

from .tables import Bench, parse


@pytest.mark.parametrize(
    ("field", "good", "bad", "code"),
    [
        ({"type": "integer", "constraints": {"minimum": 18}}, "18", "17", "minimum"),
        ({"type": "integer", "constraints": {"minimum": -3}}, "-3", "-4", "minimum"),
        ({"type": "integer", "constraints": {"maximum": "65"}}, "65", "66", "maximum"),
        ({"type": "number", "constraints": {"maximum": 0.1}}, "0.1", "0.11", "maximum"),
        ({"type": "number", "decimalChar": ",", "constraints": {"minimum": "1,5"}}, "1,5", "1,4", "minimum"),
        ({"type": "date", "constraints": {"minimum": "2024-01-01"}}, "2024-01-01", "2023-12-31", "minimum"),
        (
            {"type": "date", "format": "%d.%m.%Y", "constraints": {"maximum": "31.12.2024"}},
            "31.12.2024",
            "1.1.2025",
            "maximum",
        ),
        (
            {"type": "datetime", "constraints": {"minimum": "2024-01-01T00:00:00+01:00"}},
            "2023-12-31T23:00:00Z",
            "2023-12-31T22:59:59",
            "minimum",
        ),
        ({"type": "time", "constraints": {"maximum": "12:00:00.5"}}, "12:00:00.50", "12:00:00.51", "maximum"),
        ({"type": "time", "format": "%H.%M", "constraints": {"minimum": "9.30"}}, "10.00", "9.29", "minimum"),
        ({"type": "year", "constraints": {"minimum": 2000}}, "2000", "1999", "minimum"),
        ({"type": "yearmonth", "constraints": {"maximum": "2024-06"}}, "2024-06", "2024-07", "maximum"),
        ({"constraints": {"minLength": 2}}, "é😀", "😀", "minLength"),
        ({"constraints": {"maxLength": 2}}, "é😀", "abc", "maxLength"),
        ({"constraints": {"pattern": "a|b+"}}, "bb", "ab", "pattern"),
        ({"constraints": {"pattern": "[{]t[}]'"}}, "{t}'", "t", "pattern"),
        ({"constraints": {"pattern": "{t}|{v}"}}, "{t}", "t0", "pattern"),
        ({"constraints": {"enum": ["a'", "{v}"]}}, "{v}", "a", "enum"),
        ({"type": "integer", "constraints": {"enum": [1, "2"]}}, "02", "3", "enum"),
        ({"type": "number", "constraints": {"enum": [1, 2.5]}}, "1.0", "2", "enum"),
        ({"type": "boolean", "constraints": {"enum": [True]}}, "1", "0", "enum"),
        ({"type": "date", "constraints": {"enum": ["2024-02-29"]}}, "2024-2-29", "2024-03-01", "enum"),
        ({"type": "time", "constraints": {"enum": ["12:00:00"]}}, "12:00:00.0", "12:00:01", "enum"),
    ],
)
def test_a_constraint_is_broken_beyond_its_limit(
    bench: Bench, field: dict[str, Any], good: str, bad: str, code: str
) -> None:
    assert bench.wrong(field, good, bad, None) == [(2, code)]


def test_a_value_that_is_none_of_the_type_breaks_no_other_rule(bench: Bench) -> None:
    field = {"type": "integer", "constraints": {"required": True, "minimum": 18, "enum": [20]}}
    assert bench.wrong(field, "x", None, "17") == [(1, "type-error"), (2, "required"), (3, "enum"), (3, "minimum")]


def test_the_primary_key_is_required_and_comes_first_of_what_is_unique() -> None:
    unique = {"constraints": {"unique": True}}
    compiled = compile_schema(
        parse({"name": "a"} | unique, {"name": "b"}, {"name": "c"} | unique, primaryKey=["c", "b"])
    )
    assert compiled.unique == (("c", "b"), ("a",), ("c",))
    assert [[rule.code for rule in field.rules] for field in compiled.fields] == [[], ["required"], ["required"]]
    assert [compiled.unique_rule(group).code for group in compiled.unique] == ["primary-key", "unique", "unique"]
    assert compiled.unique_rule(("c", "b")).field is None
    alone = compile_schema(parse({"name": "a"} | unique, primaryKey="a"))
    assert (alone.unique, alone.primary_key) == ((("a",),), ("a",))


@pytest.mark.parametrize(
    ("field", "code", "value", "message"),
    [
        ({"type": "integer"}, "type-error", "abc", '"abc" is not a whole number (up to 18 digits).'),
        ({"type": "integer"}, "type-error", "\x1f1.5", '"1.5" is not a whole number (up to 18 digits).'),
        ({"type": "number", "decimalChar": ","}, "type-error", "1.5", '"1.5" is not a number like 1,5.'),
        ({"type": "date", "format": "%d.%m.%Y"}, "type-error", "x", '"x" is not a date like 29.02.2024.'),
        ({"type": "boolean"}, "type-error", "y", '"y" is not one of true, True, TRUE, 1, false, False, FALSE, 0.'),
        ({"constraints": {"required": True}}, "required", None, 'A value is missing: "f" needs one.'),
        (
            {"type": "integer", "constraints": {"minimum": 18}},
            "minimum",
            "12",
            "12 is less than 18, the least allowed.",
        ),
        (
            {"type": "date", "constraints": {"maximum": "2024-01-01"}},
            "maximum",
            "2024-01-02",
            "2024-01-02 is after 2024-01-01, the last allowed.",
        ),
        ({"constraints": {"maxLength": 1}}, "maxLength", "{value}", '"{value}" has more than 1 characters.'),
        ({"constraints": {"enum": ["a", "b"]}}, "enum", "c", '"c" is none of a, b.'),
        ({"constraints": {"pattern": "{value}"}}, "pattern", "x", '"x" does not match the pattern "{value}".'),
    ],
)
def test_a_message_is_a_sentence_with_the_value(
    field: dict[str, Any], code: str, value: str | None, message: str
) -> None:
    (compiled,) = compile_schema(parse({"name": "f"} | field)).fields
    assert [rule.message(value) for rule in compiled.rules if rule.code == code] == [message]


def test_a_message_shows_the_beginning_of_a_long_value() -> None:
    (compiled,) = compile_schema(parse({"name": "f", "type": "integer"})).fields
    assert len(compiled.rules[0].message("x" * 10_000)) < 200


def test_a_pattern_that_the_engine_cannot_use_is_named(bench: Bench) -> None:
    check_patterns(bench.connection, parse({"name": "f", "constraints": {"pattern": r"\pL+"}}))
    for pattern in (r"(?<!a)b", r"(a)\1", "(", "(a{1000}){1000}"):
        with pytest.raises(CallerError) as raised:
            check_patterns(bench.connection, parse({"name": "f", "constraints": {"pattern": pattern}}))
        assert (raised.value.code, raised.value.field) == ("bad-pattern", "schema.fields.0.constraints.pattern")
