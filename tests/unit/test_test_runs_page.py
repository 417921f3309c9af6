"""docs/test-runs.md is true: its examples are taken, its limits, codes and hosts are those of the code."""

import json
import re
from pathlib import Path

import pytest

from jobmill.hosts import AllowedHosts
from jobmill.processors.test_run_steps import MAX_STEPS, ScenarioParams
from jobmill.processors.test_runs import ANSWER_BYTES, HOSTS_PARAMETER, REQUEST_SECONDS, StepResult

PAGE = (Path(__file__).parents[2] / "docs" / "test-runs.md").read_text()
EXAMPLES = [json.loads(example) for example in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
SOURCES = Path(__file__).parents[2] / "layers" / "jobmill" / "src" / "jobmill"
OUTGOING = ("fetching.py", "hosts.py")
# Told at submit as the field's error, or by a job that is gone.
ELSEWHERE = {"bad-url", "request-stopped"}


@pytest.mark.parametrize("example", [each for each in EXAMPLES if "scenario" in each], ids=["first", "datasets"])
def test_a_scenario_of_the_page_is_taken(example: dict[str, object]) -> None:
    assert ScenarioParams.model_validate(example)


def test_a_result_of_the_page_has_the_form_of_a_result() -> None:
    (result,) = [each for each in EXAMPLES if "steps" in each]
    steps = [StepResult(**step) for step in result["steps"]]
    assert result["total"] == len(steps)
    for status in ("passed", "failed", "skipped"):
        assert result[status] == sum(step.status == status for step in steps)


def test_every_kind_of_step_has_an_example() -> None:
    steps = [step["type"] for each in EXAMPLES if "scenario" in each for step in each["scenario"]["steps"]]
    assert set(steps) == {"dataset", "validation", "http"}


def test_the_page_names_the_limits() -> None:
    assert f"1 to {MAX_STEPS} steps" in PAGE
    assert f"{REQUEST_SECONDS} seconds" in PAGE
    assert (ANSWER_BYTES, "1 MiB" in PAGE) == (1 << 20, True)


def test_the_page_names_every_code_of_a_request() -> None:
    texts = [(SOURCES / name).read_text() for name in OUTGOING]
    codes = {code for text in texts for code in re.findall(r'(?:CallerError|Unprocessable)\(\s*"([a-z-]+)"', text)}
    (named,) = re.findall(r"\nCodes: (.*?)\.\n", PAGE, re.DOTALL)
    assert set(re.findall(r"`([a-z-]+)`", named)) == codes - ELSEWHERE


def test_the_entries_of_the_page_are_entries() -> None:
    entries = [
        entry for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE) for entry in re.findall(r"`(.*?)`", row)
    ]
    assert len(AllowedHosts.parse(HOSTS_PARAMETER, entries).entries) == len(entries) == 6
    assert f"`{HOSTS_PARAMETER}`" in PAGE
