"""Another system hears of jobs by a rule on the stack's bus, with a queue as its target."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from jobmill_local.stack import Stack
from tests.e2e.jobs import import_params, wait_for_progress

type Hear = Callable[[str, int], list[dict[str, Any]]]
NAME = "e2e-other-system"


@pytest.fixture
def hear(stack: Stack) -> Iterator[Hear]:
    """Wait until so many events of a job have come; gives their envelopes, by time."""
    sqs, events, bus = stack.aws("sqs"), stack.aws("events"), stack.outputs["EventBusName"]
    url = sqs.create_queue(QueueName=NAME)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": ["jobmill"], "detail": {"data": {"projectId": ["demo"]}}})
    events.put_rule(Name=NAME, EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule=NAME, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    come: list[dict[str, Any]] = []

    def wait(job_id: str, number: int) -> list[dict[str, Any]]:
        until = time.monotonic() + 60
        while len(found := [each for each in come if each["detail"]["subject"] == job_id]) < number:
            assert time.monotonic() < until, found
            answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", ()):
                come.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return sorted(found, key=lambda each: each["detail"]["time"])

    yield wait
    events.remove_targets(Rule=NAME, EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name=NAME, EventBusName=bus)
    sqs.delete_queue(QueueUrl=url)


def test_another_system_hears_of_an_import_from_its_making_to_its_end(hear: Hear, stack: Stack, tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("code,name\n007,Oslo\n")
    with stack.client("demo") as client:
        job = client.import_file(path, dataset="e2e-events", project_id="demo")
    envelopes = hear(job.id, 3)
    assert [each["detail-type"] for each in envelopes] == ["job.created", "job.started", "job.completed"]
    details = [each["detail"] for each in envelopes]
    assert [each["id"] for each in details] == [f"{job.id}:created", f"{job.id}:1:Running", f"{job.id}:1:Completed"]
    last = details[-1]
    assert last["source"] == f"{stack.api_url}/api/projects/demo"
    assert last["data"]["status"] == "Completed"
    assert job.completed_at is not None
    assert last["time"] == job.raw["completedAt"]
    schema = requests.get(last["dataschema"], timeout=30).json()
    place = last["dataschema"].rpartition("/")[2]
    assert set(last["data"]) <= set(schema["$defs"][place]["properties"])


def test_another_system_hears_of_a_cancelled_job(hear: Hear, stack: Stack, large_file: Path) -> None:
    with stack.client("demo") as client:
        job = client.submit("Import", import_params(client, large_file, "e2e-events-large"), project_id="demo")
        wait_for_progress(client, job.id)
        client.cancel(job.id)
    envelopes = hear(job.id, 3)
    assert [each["detail-type"] for each in envelopes] == ["job.created", "job.started", "job.cancelled"]


def test_an_end_stands_in_its_hour_and_its_project_in_the_register(stack: Stack, tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("code,name\n007,Oslo\n")

    def completed() -> int:
        activity = requests.get(
            f"{stack.api_url}/api/jobs/projects/demo/activity",
            headers={"Authorization": f"Bearer {stack.token('demo')}"},
            timeout=30,
        ).json()
        return sum(hour["completed"] for hour in activity["hours"])

    with stack.client("demo") as client:
        before = completed()
        client.import_file(path, dataset="e2e-activity", project_id="demo")
        until = time.monotonic() + 30
        while completed() <= before and time.monotonic() < until:
            time.sleep(0.3)
        assert completed() > before
        me = client.me()
    assert [(each.id, each.role) for each in me.projects if each.id == "demo"] == [("demo", "writer")]
    with stack.client("admin") as admin:
        assert "demo" in [each.id for each in admin.me().projects]
