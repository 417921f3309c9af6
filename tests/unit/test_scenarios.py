"""What a scenario may ask for, and when an answer is as expected."""

import json
from typing import Any

import pytest
from pydantic import ValidationError
from requests.structures import CaseInsensitiveDict

from jobmill.errors import CallerError
from jobmill.processors.test_run_steps import AnswerCheck, ScenarioParams
from jobmill.scenarios.answers import AnswerExpectation, Finding, ValueExpectation, findings
from jobmill.scenarios.comparisons import holds, is_equal, shown

CONTENT = {"ok": True, "count": 3, "a/b": [{"~": None}, "x"], "big": 12345678901234567890, "~1": 5}
HEADERS = CaseInsensitiveDict({"Content-Type": "application/json"})


def found(expect: dict[str, Any], content: bytes = json.dumps(CONTENT).encode()) -> list[Finding]:
    check = AnswerCheck.model_validate(expect)
    values = [ValueExpectation(each.pointer, each.op, each.value) for each in check.values]
    return findings(AnswerExpectation(check.status, check.header, values), 200, HEADERS, content)


@pytest.mark.parametrize(
    "expect",
    [
        {"status": 200},
        {"header": {"content-TYPE": "application/json"}},
        {"json": [{"pointer": "/ok", "op": "=", "value": True}, {"pointer": "/count", "op": ">=", "value": 2.5}]},
        {"json": [{"pointer": "/a~1b/0/~0", "op": "=", "value": None}]},
        {"json": [{"pointer": "/a~1b", "op": "=", "value": [{"~": None}, "x"]}]},
        {"json": [{"pointer": "/big", "op": "=", "value": 12345678901234567890}]},
        {"json": [{"pointer": "/~01", "op": "=", "value": 5}]},
        {"json": [{"pointer": "", "op": "!=", "value": {}}], "status": 200},
    ],
)
def test_an_answer_as_expected_has_nothing_to_say(expect: dict[str, Any]) -> None:
    assert [each.message for each in found(expect) if each.message] == []


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ({"status": 201}, "The status is 200, not 201."),
        ({"header": {"x-kind": "a"}}, "The answer has no header x-kind."),
        (
            {"header": {"content-type": "text/plain"}},
            'The header content-type is "application/json", not "text/plain".',
        ),
        ({"json": [{"pointer": "/ok", "op": "=", "value": 1}]}, "/ok true is not = 1."),
        ({"json": [{"pointer": "/ok", "op": "<", "value": 1}]}, "true is neither less nor greater than 1."),
        ({"json": [{"pointer": "/a~1b/2", "op": "!=", "value": 1}]}, "The answer has nothing at /a~1b/2."),
        ({"json": [{"pointer": "/a~1b/-1", "op": "!=", "value": 1}]}, "The answer has nothing at /a~1b/-1."),
        ({"json": [{"pointer": "/a~1b/00", "op": "!=", "value": 1}]}, "The answer has nothing at /a~1b/00."),
        (
            {"json": [{"pointer": "/big", "op": "=", "value": 12345678901234567891}], "status": 404},
            "The status is 200, not 404. /big 12345678901234567890 is not = 12345678901234567891.",
        ),
    ],
)
def test_an_answer_that_is_not_as_expected_says_what_differs(expect: dict[str, Any], message: str) -> None:
    assert " ".join(each.message for each in found(expect) if each.message) == message


@pytest.mark.parametrize("content", [b"{", b"NaN", b"\xff", b"[" * 100_000, b"9" * 5_000])
def test_an_answer_that_is_no_json_is_not_as_expected(content: bytes) -> None:
    (one,) = found({"json": [{"pointer": "", "op": "=", "value": 1}]}, content)
    assert one.message == "The answer is not valid JSON in UTF-8, or is nested too deep."


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (1, 1.0, True), (1, True, False), (0, False, False), (None, False, False), ("1", 1, False), ([], {}, False),
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}, True), ({"a": 1}, {"a": True}, False), ([1, 2], [2, 1], False),
        (2**53 + 1, float(2**53), False), ({"a": 1}, {"a": 1, "b": None}, False),
    ],
)  # fmt: skip
def test_values_are_the_same_as_people_mean_it(one: object, other: object, is_same: bool) -> None:
    assert is_equal(one, other) is is_equal(other, one) is is_same
    assert holds("=", one, other) is is_same
    assert holds("!=", one, other) is not is_same


@pytest.mark.parametrize(("one", "other"), [(1, 2.5), ("a", "b"), ("Z", "a")])
def test_numbers_and_texts_have_an_order(one: Any, other: Any) -> None:
    assert [holds(op, one, other) for op in ("<", "<=", ">", ">=")] == [True, True, False, False]
    assert [holds(op, one, one) for op in ("<", "<=", ">", ">=")] == [False, True, False, True]


@pytest.mark.parametrize(("one", "other"), [(1, "2"), (None, 1), (True, False), ([1], [2]), ({}, {})])
def test_other_values_have_none(one: object, other: object) -> None:
    with pytest.raises(CallerError, match="neither less nor greater"):
        holds("<", one, other)


def test_what_is_shown_is_cut() -> None:
    assert shown("ü" * 300) == '"' + "ü" * 198 + "…"


def scenario(*steps: dict[str, Any], **named: Any) -> dict[str, Any]:
    return {"scenario": {"name": "Nightly", "steps": list(steps)} | named}


def figure(measure: str, op: str, value: Any, **named: Any) -> dict[str, Any]:
    return {"type": "dataset", "dataset": "places", "measure": measure, "expect": {"op": op, "value": value}} | named


def request(url: str, **expect: Any) -> dict[str, Any]:
    return {"type": "http", "request": {"method": "GET", "url": url}, "expect": expect or {"status": 200}}


@pytest.mark.parametrize(
    "params",
    [
        scenario(),
        scenario(*[figure("count", "=", 1)] * 101),
        scenario({"type": "sleep"}),
        scenario(figure("count", "=", 1), onFailure="never"),
        scenario(figure("count", "=", 1, column="a")),
        scenario(figure("sum", "=", 1)),
        scenario(figure("count", "in", [1])),
        scenario({"type": "http", "request": {"method": "GET", "url": "http://127.0.0.1/"}, "expect": {}}),
        scenario({"type": "http", "request": {"method": "TRACE", "url": "http://a.b"}, "expect": {"status": 200}}),
        scenario(request("http://user:word@127.0.0.1/")),
        scenario(request("http://127.1/")),
        scenario(request("http://127.0.0.1/", json=[{"pointer": "a", "op": "=", "value": 1}])),
        scenario(request("http://127.0.0.1/", json=[{"pointer": "/~2", "op": "=", "value": 1}])),
        *(
            scenario(request("http://127.0.0.1/") | {"request": {"method": "GET", "url": "http://a.b", "headers": bad}})
            for bad in ({"Host": "x"}, {"Content-length": "1"}, {"Proxy-X": "1"}, {"a b": "c"}, {"A": "b\r\nC: d"})
        ),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ScenarioParams.model_validate(params)


def test_the_largest_scenario_is_taken() -> None:
    given = ScenarioParams.model_validate(scenario(*[figure("count", "=", 1)] * 100))
    assert (len(given.scenario.steps), given.scenario.on_failure) == (100, "continue")
