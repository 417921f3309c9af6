"""A stored dataset, judged: counts of each rule, and the errors with the rows that Excel shows."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from jobmill.errors import CallerError
from jobmill.schemas.checks import Check
from jobmill.schemas.table_schema import TableSchema
from jobmill.schemas.validation import COLUMNS_AT_ONCE, Validation
from jobmill.tables.engine import connect, identifier, literal

from .tables import parse

PEOPLE = """
    SELECT * FROM (VALUES
        (1, 'Ann',  DATE '2024-01-01', DATE '2024-02-01', 1.5::DOUBLE, true,  '10', 'de'),
        (2, NULL,   DATE '2024-03-01', DATE '2024-02-01', -2.0, false, 'x',  'fr'),
        (2, 'Cleo', DATE '2024-01-01', NULL,              0.5,  NULL,  '30', 'xx'),
        (3, 'Di',   DATE '2024-01-01', DATE '2024-02-01', NULL, true,  NULL, 'de'),
        (2, 'Ann',  DATE '2024-05-01', DATE '2024-02-01', 9.0,  true,  '-5', 'de')
    ) AS t(id, name, start, "end", amount, paid, age, country)
"""


class Desk:
    """A dataset of Parquet parts, and its judgement."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.connection = connect(folder)
        self.parts: list[Path] = []

    def store(self, *queries: str) -> None:
        for number, query in enumerate(queries):
            path = self.folder / f"part-{number}.parquet"
            self.connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet)")
            self.parts.append(path)

    def validation(self, schema: TableSchema | None = None, checks: Sequence[dict[str, Any]] = ()) -> Validation:
        return Validation(self.connection, self.parts, schema, [Check.model_validate(check) for check in checks])

    def counts(self, schema: TableSchema | None = None, checks: Sequence[dict[str, Any]] = ()) -> list[Any]:
        validation = self.validation(schema, checks)
        return [(each.field, each.name or each.rule, each.errors) for each in validation.count()]

    def lines(
        self, schema: TableSchema | None = None, checks: Sequence[dict[str, Any]] = (), limit: int = 1000
    ) -> list[Any]:
        validation = self.validation(schema, checks)
        validation.count()
        return [(each.row, each.field, each.value, each.rule) for each in validation.errors(limit)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path.resolve())
    yield made
    made.connection.close()


@pytest.fixture
def people(desk: Desk) -> Desk:
    desk.store(f"FROM ({PEOPLE}) LIMIT 2", f"FROM ({PEOPLE}) OFFSET 2")
    return desk


def test_all_rules_are_counted_and_errors_carry_the_rows_that_excel_shows(people: Desk) -> None:
    schema = parse(
        {"name": "id", "type": "integer", "constraints": {"unique": True, "minimum": 2}},
        {"name": "name", "constraints": {"required": True, "maxLength": 3}},
        {"name": "age", "type": "integer", "constraints": {"minimum": 0}},
        {"name": "country", "constraints": {"enum": ["de", "fr"]}},
    )
    assert people.counts(schema) == [
        ("id", "type-error", 0),
        ("id", "minimum", 1),
        ("name", "required", 1),
        ("name", "maxLength", 1),
        ("age", "type-error", 1),
        ("age", "minimum", 1),
        ("country", "enum", 1),
        ("id", "unique", 2),
    ]
    assert people.lines(schema) == [
        (2, "id", "1", "minimum"),
        (3, "name", None, "required"),
        (3, "age", "x", "type-error"),
        (4, "id", "2", "unique"),
        (4, "name", "Cleo", "maxLength"),
        (4, "country", "xx", "enum"),
        (6, "id", "2", "unique"),
        (6, "age", "-5", "minimum"),
    ]
    assert people.lines(schema, limit=3) == people.lines(schema)[:3]


def test_a_primary_key_is_of_all_its_fields(people: Desk) -> None:
    schema = parse({"name": "id", "type": "integer"}, {"name": "name"}, primaryKey=["id", "name"])
    assert people.counts(schema)[-3:] == [("id", "required", 0), ("name", "required", 1), (None, "primary-key", 0)]
    people.store(f"FROM ({PEOPLE}) LIMIT 1", f"FROM ({PEOPLE}) LIMIT 1")
    people.parts += people.parts
    assert people.lines(schema)[-1] == (9, "id, name", "1 / Ann", "primary-key")


@pytest.mark.parametrize(
    ("check", "rows"),
    [
        ({"left": {"column": "start"}, "op": "<=", "right": {"column": "end"}}, [3, 6]),
        ({"left": {"column": "amount"}, "op": ">", "right": 0}, [3]),
        ({"left": 0.5, "op": "=", "right": {"column": "amount"}}, [2, 3, 6]),
        ({"left": {"column": "start"}, "op": "<", "right": "2024-03-01"}, [3, 6]),
        ({"left": {"column": "name"}, "op": "!=", "right": "Ann"}, [2, 6]),
        ({"left": {"column": "paid"}, "op": "=", "right": True}, [3]),
        ({"left": {"column": "amount"}, "op": ">=", "right": {"column": "id"}}, [3, 4]),
        ({"left": {"column": "name"}, "op": "=", "right": "{v}' OR true --"}, [2, 4, 5, 6]),
    ],
)
def test_a_check_of_rows_is_broken_by_rows_that_have_both_values(
    people: Desk, check: dict[str, Any], rows: list[int]
) -> None:
    assert [line[0] for line in people.lines(checks=[check])] == rows


def test_a_check_compares_what_the_schema_reads(people: Desk) -> None:
    check = {"name": "of age", "left": {"column": "age"}, "op": ">=", "right": 18}
    with pytest.raises(CallerError, match='"age" holds text'):
        people.counts(checks=[check])
    assert people.counts(parse({"name": "age", "type": "integer"}), [check])[-1] == ("age", "of age", 2)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({"rowCount": {"min": 5, "max": 5}}, None),
        ({"rowCount": {"min": 6}}, "The dataset has 5 rows, fewer than 6."),
        ({"rowCount": {"max": 4}}, "The dataset has 5 rows, more than 4."),
        ({"complete": {"column": "name", "percent": 80.0}}, None),
        (
            {"complete": {"column": "name", "percent": 80.5}},
            '"name" has a value in 4 of 5 rows (80.00 %), and 80.5 % are wanted.',
        ),
        ({"sum": {"column": "id", "equals": 10}}, None),
        ({"sum": {"column": "id", "equals": 11}}, '"id" adds up to 10, and not to 11.'),
        ({"sum": {"column": "id", "equals": 11, "tolerance": 1}}, None),
        ({"sum": {"column": "amount", "equals": 9.0}}, None),
        ({"sum": {"column": "amount", "equals": 9.1, "tolerance": 0.05}}, '"amount" adds up to 9, and not to 9.1.'),
    ],
)
def test_checks_of_the_whole_dataset(people: Desk, check: dict[str, Any], message: str | None) -> None:
    validation = people.validation(checks=[check])
    assert [each.errors for each in validation.count()] == [int(bool(message))]
    assert [(each.row, each.message) for each in validation.errors(10)] == ([(None, message)] if message else [])


def test_checks_of_an_empty_dataset(desk: Desk) -> None:
    desk.store(f"FROM ({PEOPLE}) LIMIT 0")
    checks = [
        {"rowCount": {"min": 1}},
        {"complete": {"column": "name", "percent": 100}},
        {"sum": {"column": "id", "equals": 0}},
        {"left": {"column": "id"}, "op": ">", "right": 1},
    ]
    assert [errors for *_, errors in desk.counts(checks=checks)] == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("check", "code", "place"),
    [
        (
            {"left": {"column": "strat"}, "op": "<", "right": {"column": "end"}},
            "unknown-column",
            "checks.0.left.column",
        ),
        ({"left": {"column": "start"}, "op": "<", "right": {"column": "id"}}, "bad-check", "checks.0"),
        ({"left": {"column": "start"}, "op": "<", "right": "soon"}, "bad-check", "checks.0.right"),
        ({"left": True, "op": "<", "right": {"column": "paid"}}, "bad-check", "checks.0.op"),
        ({"complete": {"column": "nome", "percent": 1}}, "unknown-column", "checks.0.complete.column"),
        ({"sum": {"column": "name", "equals": 1}}, "bad-check", "checks.0.sum.column"),
    ],
)
def test_a_check_that_cannot_be_made_is_refused_with_its_place(
    people: Desk, check: dict[str, Any], code: str, place: str
) -> None:
    with pytest.raises(CallerError) as raised:
        people.validation(checks=[check])
    assert (raised.value.code, raised.value.field) == (code, place)


def test_a_field_that_the_dataset_lacks_is_named_with_the_nearest_columns(people: Desk) -> None:
    with pytest.raises(CallerError, match=r'no column "Start"\. Did you mean "start"') as raised:
        people.validation(parse({"name": "id"}, {"name": "Start"}))
    assert (raised.value.code, raised.value.field) == ("unknown-column", "schema.fields.1.name")


@pytest.mark.parametrize(
    "check",
    [
        {},
        {"name": "nothing"},
        {"left": {"column": "a"}, "op": "<"},
        {"left": 1, "op": "<", "right": 2},
        {"left": {"column": "a"}, "op": "~", "right": 2},
        {"left": {"column": "a"}, "op": "<", "right": 2, "rowCount": {"min": 1}},
        {"rowCount": {}},
        {"rowCount": {"min": -1}},
        {"complete": {"column": "a", "percent": 101}},
        {"sum": {"column": "a"}},
    ],
)
def test_a_check_is_of_exactly_one_kind(check: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Check.model_validate(check)


@pytest.mark.parametrize(
    ("stored", "field", "wrong"),
    [
        ("5::BIGINT", {"type": "number", "constraints": {"minimum": 5.5}}, ["minimum"]),
        ("5.0::DOUBLE", {"type": "integer", "constraints": {"maximum": 4}}, ["maximum"]),
        ("5.5::DOUBLE", {"type": "integer"}, ["type-error"]),
        ("2024::BIGINT", {"type": "year"}, []),
        ("20240::BIGINT", {"type": "year"}, ["type-error"]),
        ("1::BIGINT", {"type": "boolean", "constraints": {"enum": [False]}}, ["enum"]),
        ("2::BIGINT", {"type": "boolean"}, ["type-error"]),
        ("20240229::BIGINT", {"type": "date", "format": "%Y%m%d"}, []),
        ("TIMESTAMP '2024-02-29'", {"type": "date"}, []),
        ("TIMESTAMP '2024-02-29 00:00:01'", {"type": "date"}, ["type-error"]),
        (
            "DATE '2024-02-29'",
            {"type": "date", "format": "%d.%m.%Y", "constraints": {"minimum": "1.3.2024"}},
            ["minimum"],
        ),
        ("DATE '2024-02-29'", {"type": "integer"}, ["type-error"]),
        ("12::BIGINT", {"constraints": {"minLength": 3}}, ["minLength"]),
        ("true", {"constraints": {"enum": ["true"]}}, []),
        (
            "-99::BIGINT",
            {"type": "integer", "missingValues": ["", "-99"], "constraints": {"required": True}},
            ["required"],
        ),
        (
            "-99.0::DOUBLE",
            {"type": "number", "missingValues": ["-99"], "constraints": {"required": True}},
            ["required"],
        ),
        ("'NA'", {"type": "integer", "missingValues": ["NA"], "constraints": {"required": True}}, ["required"]),
        (
            "DATE '1900-01-01'",
            {"type": "date", "missingValues": ["1900-01-01"], "constraints": {"required": True}},
            ["required"],
        ),
    ],
)
def test_a_column_of_another_type_is_read_as_the_field_s(
    desk: Desk, stored: str, field: dict[str, Any], wrong: list[str]
) -> None:
    desk.store(f"SELECT {stored} AS f")
    assert [line[3] for line in desk.lines(parse({"name": "f"} | field))] == wrong


def test_columns_may_have_any_names(desk: Desk) -> None:
    names = ["t1", "t0", "v0", "row", "one", "e", "item", "{t}", 'a"b', "file_row_number", "first"]
    cells = ", ".join(f"{i} AS {identifier(name)}" for i, name in enumerate(names))
    desk.store(f"SELECT {cells} UNION ALL SELECT {cells}")
    unique = [{"name": name, "type": "integer", "constraints": {"unique": True, "maximum": -1}} for name in names]
    lines = desk.lines(parse(*unique))
    assert lines == [
        (row, name, str(i), rule)
        for row, rules in ((2, ["maximum"]), (3, ["maximum", "unique"]))
        for i, name in enumerate(names)
        for rule in rules
    ]


def test_wide_datasets_are_judged_in_several_passes(desk: Desk) -> None:
    width = 2 * COLUMNS_AT_ONCE + 1
    desk.store("SELECT " + ", ".join(f"{i} AS f{i}" for i in range(width)))
    schema = parse(*({"name": f"f{i}", "type": "integer", "constraints": {"minimum": 1}} for i in range(width)))
    assert [each for each in desk.counts(schema) if each[2]] == [("f0", "minimum", 1)]
    assert desk.lines(schema) == [(2, "f0", "0", "minimum")]
