"""The ways in that are no HTTP calls, each with its golden event from `events/`."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

import dispatcher.handler
import jobs_api.handler
import notifier.handler
import processor.handler
import settle.handler
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import Status
from jobmill.projects.counters import read_counts
from tests.stack.builders import LEASE
from tests.stack.http import LambdaContext

pytestmark = pytest.mark.usefixtures("cloud")

EVENTS = Path(__file__).parents[2] / "events"
JOB = "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971"
ROLE = "arn:aws:iam::123456789012:role/machine"


def golden(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def queue_job(**changes: Any) -> None:
    wanted = {
        "type": "Import",
        "project_id": "demo",
        "created_by": "u",
        "run_limit": LEASE,
        "id": JOB,
        "params": {},
    }
    lifecycle().create_job(**(wanted | changes))


def executions(machine: str) -> list[str]:
    found = boto3.client("stepfunctions").list_executions(stateMachineArn=machine)
    return [execution["name"] for execution in found["executions"]]


@pytest.mark.requirement("C3")
@pytest.mark.requirement("C5")
@pytest.mark.requirement("C6")
def test_a_start_starts_the_type_s_machine_once_under_the_run_s_name() -> None:
    definition = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}})
    machine = boto3.client("stepfunctions").create_state_machine(
        name="jobmill-test-Import", definition=definition, roleArn=ROLE
    )["stateMachineArn"]
    for _ in range(2):
        answer = dispatcher.handler.handler(golden("sqs_starts"), LambdaContext())
        assert answer == {"batchItemFailures": []}
    assert executions(machine) == [f"{JOB}-1"]


def test_a_start_that_cannot_be_made_is_given_back_alone() -> None:
    event = golden("sqs_starts")
    event["Records"].append(event["Records"][0] | {"messageId": "second", "body": "nonsense"})
    answer = dispatcher.handler.handler(event, LambdaContext())
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == [
        event["Records"][0]["messageId"],
        "second",
    ]


@pytest.mark.requirement("C6")
def test_a_processor_takes_the_job_of_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOB_TYPE", "Import")
    params = {"uploadId": "01a200c4-8c3f-7a9d-a777-0d6d8d7bc000", "dataset": "a"}
    queue_job(params=params)
    told: list[str] = []
    monkeypatch.setattr("jobmill.processing.machine.Machine.succeed", lambda self, token: told.append(token))
    processor.handler.handler(golden("sqs_job"), LambdaContext())
    error = store().get(JOB).error
    assert error is not None
    assert error.code == "upload-not-found"
    assert told == ["AQCEAAAAKgAAAAMAAAAAAAAAAexample"]


@pytest.mark.requirement("C5")
def test_settle_ends_the_job_of_the_machine_s_input() -> None:
    queue_job()
    settle.handler.handler(golden("settle"), LambdaContext())
    assert store().get(JOB).status is Status.FAILED


@pytest.mark.requirement("J7")
def test_the_table_s_stream_is_counted() -> None:
    notifier.handler.handler(golden("table_stream"), LambdaContext())
    assert read_counts("demo").by_status[Status.RUNNING] == 1


@pytest.mark.requirement("C6")
def test_a_public_route_answers_without_claims() -> None:
    answer = jobs_api.handler.handler(golden("http_api_public"), LambdaContext())
    assert (answer["statusCode"], answer["body"]) == (200, '{"status":"ok"}')
