"""Every requirement of a finished capability is named by a test: `@pytest.mark.requirement("J11")`."""

import ast
import json
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
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


NAMED = set().union(*(ids_named_in(path) for path in TESTS.rglob("test_*.py")))
OWED = sorted(
    requirement
    for requirement, capabilities in DOCUMENT["requirements"].items()
    if set(capabilities) & set(DOCUMENT["done"])
)


@pytest.mark.parametrize("requirement", OWED)
def test_a_requirement_of_a_finished_capability_has_a_test(requirement: str) -> None:
    assert requirement in NAMED


def test_every_mark_names_a_requirement_that_there_is() -> None:
    assert set(DOCUMENT["requirements"]) >= NAMED


def test_every_seed_line_is_in_the_document() -> None:
    counted = dict.fromkeys("UMAJTC", 0)
    for requirement in DOCUMENT["requirements"]:
        counted[requirement[0]] += 1
    assert counted == {"U": 10, "M": 10, "A": 18, "J": 18, "T": 17, "C": 6}
