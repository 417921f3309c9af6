"""docs/events.md: its events are the code's, its rule is CloudFormation's and takes what it says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from moto.events.models import EventPattern

from jobmill.announcements.bus import EVENTS_PER_CALL, SOURCE
from jobmill.announcements.changes import events_of
from jobmill.announcements.event import MAX_REPORTS, SCHEMA_PATH, JobEventType

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "events.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
(TEMPLATE,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
REPORT = {"name": {"S": "errors.csv"}, "content_type": {"S": "text/csv"}, "size_bytes": {"N": "4096"}}
ERROR = {"code": "no-valid-rows", "message": "No row of the file is valid.", "kind": "input", "retryable": False}
NEW = {
    "id": {"S": "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971"},
    "project_id": {"S": "demo"},
    "type": {"S": "Import"},
    "status": {"S": "Queued"},
    "created_by": {"S": "2f9c1b7e"},
    "created_by_name": {"S": "Dana"},
    "created_at": {"N": "1768473000000"},
    "run": {"N": "1"},
    "pass": {"N": "0"},
    "params": {"S": '{"dataset":"orders"}'},
    "reports": {"L": []},
}
STARTED = {"status": {"S": "Running"}, "started_at": {"N": "1768473001000"}, "claimed_at": {"N": "1768473001000"}}
ENDED = {"completed_at": {"N": "1768473009000"}}
LISTED = {"reports": {"L": [{"M": REPORT}]}}
ROWS: list[dict[str, Any]] = [
    NEW,
    NEW | STARTED,
    NEW | STARTED | ENDED | LISTED | {"status": {"S": "Completed"}},
    NEW | STARTED | ENDED | LISTED | {"status": {"S": "Failed"}, "error": {"S": json.dumps(ERROR)}},
    NEW | STARTED | ENDED | {"status": {"S": "Cancelled"}},
]


class Loader(yaml.SafeLoader):
    """Leaves CloudFormation's short functions as the texts that they are given."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: f"{suffix} {node.value}")


def test_there_is_an_example_of_each_type() -> None:
    assert [example["type"] for example in EXAMPLES] == list(JobEventType)


@pytest.mark.parametrize("number", range(5), ids=list(JobEventType))
def test_an_example_is_what_the_code_makes_of_such_a_job(number: int) -> None:
    images = {"NewImage": ROWS[number]}
    if number > 0:
        images["OldImage"] = ROWS[0] if number == 1 else ROWS[1]
    (event,) = events_of({"dynamodb": images}, "https://jobs.example.com")
    assert json.loads(event.to_json()) == EXAMPLES[number]


def test_the_rule_is_one_that_cloudformation_takes() -> None:
    # I… are hints of taste.
    assert [
        str(found) for found in lint(TEMPLATE, config=ManualArgs(regions=["us-east-1"])) if found.rule.id[0] in "EW"
    ] == []


def test_the_rule_takes_failures_of_its_project_and_says_why() -> None:
    rule = yaml.load(TEMPLATE, Loader)["Resources"]["FailuresRule"]["Properties"]
    pattern = EventPattern.load(json.dumps(rule["EventPattern"]))
    foreign = EXAMPLES[3] | {"data": EXAMPLES[3]["data"] | {"projectId": "other"}}
    envelopes = [{"source": SOURCE, "detail-type": each["type"], "detail": each} for each in [*EXAMPLES, foreign]]
    assert [pattern.matches_event(each) for each in envelopes] == [False, False, False, True, False, False]
    paths = rule["Targets"][0]["InputTransformer"]["InputPathsMap"]
    found = {name: _at(envelopes[3], path) for name, path in paths.items()}
    assert found == {"job": NEW["id"]["S"], "type": "Import", "why": ERROR["message"]}


def test_the_page_s_numbers_are_the_code_s() -> None:
    assert f"GET {SCHEMA_PATH}" in PAGE
    assert (MAX_REPORTS, EVENTS_PER_CALL) == (100, 10)
    assert "the first hundred" in PAGE


def _at(envelope: dict[str, Any], path: str) -> Any:
    found: Any = envelope
    for name in path.removeprefix("$.").split("."):
        found = found[name]
    return found
