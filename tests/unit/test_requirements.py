"""Every requirement of a finished capability is named by a test: `@pytest.mark.requirement("J11")`, or `it("J11 …"`."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
WEB_TESTS = TESTS.parent / "web" / "tests"
DOCUMENT = json.loads((TESTS / "requirements.json").read_text())


def ids_named_in(path: Path) -> set[str]:
    """The ids in the `requirement` marks of a file of tests."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return {
        argument.value
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "requirement"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def ids_in_titles(code: str) -> set[str]:
    """The ids with which titles of web tests begin: `describe("A7 …"`, `it.each(…)("A7 A8 …"`."""
    beginnings = re.findall(r"""\(\s*["'`]((?:[A-Z]\d+ )+)""", code)
    return {requirement for beginning in beginnings for requirement in beginning.split()}


@cache
def ids_named() -> set[str]:
    """The ids that tests name."""
    return set().union(
        *(ids_named_in(path) for path in TESTS.rglob("test_*.py")),
        *(ids_in_titles(path.read_text()) for path in WEB_TESTS.glob("*/*.test.ts*")),
    )


OWED = sorted(
    requirement
    for requirement, capabilities in DOCUMENT["requirements"].items()
    if set(capabilities) & set(DOCUMENT["done"])
)


@pytest.mark.parametrize("requirement", OWED)
def test_a_requirement_of_a_finished_capability_has_a_test(requirement: str) -> None:
    assert requirement in ids_named()


def test_titles_of_web_tests_name_requirements() -> None:
    code = """
        describe("A7 polling", () => it.each([1, 2])('A1 A2 posts %i', (n) => post(n, "A3 paper")));
        it(
          `U5 in A4`, () => expect("J1").toBe(text("Title")));
    """
    assert ids_in_titles(code) == {"A7", "A1", "A2", "U5"}
    assert any(ids_in_titles(path.read_text()) for path in WEB_TESTS.glob("*/*.test.ts*"))


def test_every_mark_names_a_requirement_that_there_is() -> None:
    assert set(DOCUMENT["requirements"]) >= ids_named()


def test_every_seed_line_is_in_the_document() -> None:
    counted = dict.fromkeys("UMAJTC", 0)
    for requirement in DOCUMENT["requirements"]:
        counted[requirement[0]] += 1
    assert counted == {"U": 10, "M": 10, "A": 18, "J": 18, "T": 17, "C": 6}
