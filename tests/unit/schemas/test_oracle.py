"""Our verdict on a table is frictionless's, on the rules that both know.

Where we differ on purpose, the text or the schema is left out of the comparison by `DIFFERENCES` and the comments
here, each of which has its line in docs/validation.md.
"""

import csv
import io
import re
from dataclasses import dataclass, field
from typing import Any

from frictionless.resources import TableResource
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobmill.schemas.compiler import CompiledSchema, compile_schema
from jobmill.schemas.table_schema import TableSchema

from .tables import Bench

type Verdict = set[tuple[int, str, str]]

GOOD: dict[str, list[str]] = {
    "string": ["a", "ab", "abc", "é😀x", " a ", "0", "NA", "it's {t}"],
    "any": ["a", "1", "true"],
    "integer": ["0", "1", "2", "007", "-3", "+5", " 5 ", "12", "1.0", "1e2", "0x1"],
    "number": ["0", "1.5", "-2.50", "+3", ".5", "5.", "1e2", "-1E-1", " 2 ", "007", "2.5", "+-1", "1,5"],
    "boolean": ["true", "True", "TRUE", "1", "false", "0", "tRUE", " true", "yes"],
    "date": ["2024-02-29", "2024-2-9", "2023-12-31", "2023-02-29", "24-01-01", "2024-01-01 ", "2024/01/01"],
    "datetime": [
        "2024-02-29T12:00:00",
        "2024-02-29 12:00:00",
        "2023-12-31T23:59:59.5",
        "2024-02-29T12:00",
        "2024-02-29",
        "2024-02-30T12:00:00",
    ],
    "time": ["12:00:00", "23:59:59", "08:30:00.5", "24:00:01", "8:30:00", "12:00"],
    "year": ["2024", "1999", "0001", "99", "20245"],
    "yearmonth": ["2024-02", "1999-12", "2024-13", "2024"],
}
PATTERNS = {
    "%d.%m.%Y": ["29.02.2024", "9.2.2024", "31.12.2023", "30.02.2024", "1.1.24", "2024-02-29"],
    "%m/%d/%y": ["02/29/24", "2/9/69", "12/31/68", "13/1/24"],
    "%d %B %Y": ["29 February 2024", "1 may 2024", "31 December 2023"],
}
DIGITS = [*"0123456789", ".", "-", "+", ",", " ", "e", "T", ":", "x", "\n"]
REGULAR = ["[a-c]*", "a.?", "(a|ab)", "[0-9]{2,}", ".*😀.*", "\\{t\\}", "[^0]"]

# What frictionless takes for a value, and we do not (or the other way round), by type.
DIFFERENCES = {
    # Python's $ matches before a line end, too.
    "string": re.compile(r"\n\Z"),
    # Python's numbers may have underscores; NaN and infinity are numbers of Decimal.
    "integer": re.compile("_"),
    "number": re.compile("_|nan|inf", re.IGNORECASE),
    # Python's strptime takes a blank for a day's first digit.
    "date": re.compile(r"\s[0-9]\b"),
    # Any character between date and time; signs and blanks in the place of digits; a comma before the fraction;
    # fractions of any length; hour 24.
    "datetime": re.compile(r"^.{10}[^T ]|^.{0,9}[+\s]|^.{11}.*[+\s]|,|\.[0-9]{7,}|24:00"),
    # The same, and a zone.
    "time": re.compile(r"[+\s]|.{8}.*[-Z]|,|\.[0-9]{7,}|24:00"),
    # Whatever int() reads of four characters.
    "year": re.compile(r"[^0-9]"),
    # Months of one digit, signs and blanks around.
    "yearmonth": re.compile(r"-[^0-9]|-[0-9]$|^[^0-9]|^[0-9]{0,3}-|^[0-9]{5,}-|\s|\+|-0[0-9]{2}"),
}
# Without its zone a moment cannot be compared with one that has one: frictionless raises, we compare in UTC.
ZONE = re.compile(r"^.{17,}[-+Z]")


@dataclass
class Case:
    descriptor: dict[str, Any]
    rows: list[list[str]] = field(default_factory=list)


def _may_differ(declared: dict[str, Any], text: str) -> bool:
    pattern = DIFFERENCES.get(declared["type"])
    if declared["type"] == "datetime" and ZONE.search(text):
        return True
    # Fifteen digits are as many as a 64-bit number keeps.
    if declared["type"] == "number" and (len(text) > 15 or re.search(r"[eE][-+]?[0-9]{3}", text)):
        return True
    # With bareNumber false frictionless reads ".5" and "Rs.5" both as 5: we read neither.
    if not declared.get("bareNumber", True) and re.match(r"[^0-9-]*[.,][0-9]", text):
        return True
    return bool(pattern and pattern.search(text))


@st.composite
def texts(draw: st.DrawFn, declared: dict[str, Any]) -> str:
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(["", *declared["missing"]]))
    text = draw(st.sampled_from(PATTERNS.get(declared.get("format", ""), GOOD[declared["type"]])))
    if draw(st.booleans()):
        begin = draw(st.integers(0, len(text)))
        text = text[:begin] + draw(st.sampled_from(["", *DIGITS])) + text[begin + draw(st.integers(0, 1)) :]
    return "" if _may_differ(declared, text) else text


@st.composite
def constraints(draw: st.DrawFn, declared: dict[str, Any]) -> dict[str, Any]:
    type = declared["type"]
    good = [text for text in PATTERNS.get(declared.get("format", ""), GOOD[type]) if _is_value(declared, text)]
    # A bound in words around a number is none for frictionless's JSON schema; and not all texts are values.
    given: dict[str, Any] = {}
    if draw(st.booleans()):
        given["required"] = draw(st.booleans())
    if draw(st.integers(0, 3)) == 0 and type != "time":  # a time's text is kept, and compared as such
        given["unique"] = True
    if type == "string":
        for name in draw(st.sets(st.sampled_from(["minLength", "maxLength"]))):
            given[name] = draw(st.integers(0, 4))
        if draw(st.integers(0, 2)) == 0:
            given["pattern"] = draw(st.sampled_from(REGULAR))
    elif type not in ("any", "boolean"):
        for name in draw(st.sets(st.sampled_from(["minimum", "maximum"]))):
            given[name] = draw(st.sampled_from(good))
    if draw(st.integers(0, 2)) == 0:
        given["enum"] = draw(st.lists(st.sampled_from(good), min_size=1, max_size=4, unique=True))
    return given


def _is_value(declared: dict[str, Any], text: str) -> bool:
    descriptor = {key: value for key, value in declared.items() if key not in ("missing", "constraints")}
    parsed = TableSchema.model_validate({"fields": [descriptor]}).fields[0]
    return not _may_differ(declared, text) and parsed.limit(text) is not None


@st.composite
def fields(draw: st.DrawFn, name: str) -> dict[str, Any]:
    declared: dict[str, Any] = {"name": name, "type": draw(st.sampled_from(list(GOOD)))}
    if declared["type"] == "date" and draw(st.booleans()):
        declared["format"] = draw(st.sampled_from(list(PATTERNS)))
    if declared["type"] == "number" and draw(st.booleans()):
        declared |= draw(
            st.sampled_from([{"decimalChar": ","}, {"groupChar": ","}, {"decimalChar": ",", "groupChar": "."}])
        )
    if declared["type"] in ("integer", "number") and draw(st.integers(0, 3)) == 0:
        declared["bareNumber"] = False
    if declared["type"] == "boolean" and draw(st.booleans()):
        declared |= {"trueValues": ["yes", "1"], "falseValues": ["no", "true"]}
    # An empty cell is always missing.
    declared["missing"] = ["", *draw(st.sampled_from([[], ["NA"], ["-", "n/a", "0", "it's {t}"]]))]
    declared["constraints"] = draw(constraints(declared))
    return declared


@st.composite
def cases(draw: st.DrawFn) -> Case:
    declared = [draw(fields(f"f{i}")) for i in range(draw(st.integers(1, 4)))]
    rows = draw(st.lists(st.tuples(*(texts(each) for each in declared)), max_size=12))
    descriptor: dict[str, Any] = {
        "fields": [
            # A row of missing values is for frictionless a blank row, whatever the rules.
            {"name": "row", "type": "string"},
            *(
                {key: value for key, value in each.items() if key != "missing"} | {"missingValues": each["missing"]}
                for each in declared
            ),
        ]
    }
    if draw(st.integers(0, 2)) == 0:
        # We require each field of a primary key, frictionless only one of them. A unique one is reported twice there.
        key = [each for each in declared if each["type"] != "time" and not each["constraints"].get("unique")]
        descriptor["primaryKey"] = [each["name"] for each in key] or ["row"]
        for each in descriptor["fields"]:
            if each["name"] in descriptor["primaryKey"]:
                each["constraints"] = each.get("constraints", {}) | {"required": True}
    return Case(descriptor, [[f"r{i}", *row] for i, row in enumerate(rows)])


def frictionless_verdict(case: Case) -> Verdict:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[each["name"] for each in case.descriptor["fields"]], *case.rows])
    resource = TableResource.from_descriptor(
        {"name": "t", "data": [], "schema": case.descriptor, "dialect": {"csv": {"quoteChar": '"'}}}
    )
    resource = TableResource(data=text.getvalue().encode(), format="csv", schema=resource.schema, encoding="utf-8")
    report = resource.validate()
    assert not report.errors, report.errors
    wrong: Verdict = set()
    for error in report.tasks[0].errors:
        found = error.to_dict()
        code = found["type"]
        if code == "constraint-error":
            code = found["note"].split('"')[1]
        code = {"unique-error": "unique"}.get(code, code)
        wrong.add((found["rowNumber"] - 1, found.get("fieldName", ""), code))
    return wrong


def our_verdict(bench: Bench, case: Case) -> Verdict:
    compiled = compile_schema(TableSchema.model_validate(case.descriptor))
    values, wrong = bench.judge(compiled, case.rows)
    return wrong | repeated(compiled, values)


def repeated(compiled: CompiledSchema, values: list[tuple[Any, ...]]) -> Verdict:
    """The second and later rows of the same key; of a key with a missing part none is the same."""
    names = [each.name for each in compiled.fields]
    wrong: Verdict = set()
    for group in compiled.unique:
        seen = set()
        for row, cells in enumerate(values, start=1):
            key = tuple(cells[names.index(name)] for name in group)
            if None not in key and key in seen:
                rule = compiled.unique_rule(group)
                wrong.add((row, "" if rule.code == "primary-key" else rule.field or "", rule.code))
            seen.add(key)
    return wrong


def without_partial_keys(case: Case, verdict: Verdict) -> Verdict:
    """frictionless compares keys with missing parts too; such rows are `required` errors on both sides."""
    key = case.descriptor.get("primaryKey", [])
    partial = {row for row, name, code in verdict if name in key and code in ("required", "type-error")}
    return {each for each in verdict if each[2] != "primary-key" or each[0] not in partial}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_we_say_what_frictionless_says(bench: Bench, case: Case) -> None:
    ours = our_verdict(bench, case)
    assert without_partial_keys(case, frictionless_verdict(case)) == without_partial_keys(case, ours)
