"""What the bus is told of jobs: real rows, and the stream's records made of them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from jobmill.announcements.bus import BYTES_PER_CALL
from jobmill.announcements.changes import MAX_CHARACTERS, MAX_REPORTS_BYTES, events_of
from jobmill.announcements.event import MAX_REPORTS, JobEvent, events_schema
from jobmill.jobs.job import Job, JobError, StoredReport
from jobmill.jobs.operations import complete_job, create_job, set_job_error
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import FAIL
from jobmill.times import iso, now_utc
from tests.stack import builders
from tests.stack.bus import heard, listen
from tests.stack.http import call
from tests.stack.stream import Image, image, notify, record

pytestmark = pytest.mark.usefixtures("cloud")

COMMITTED = Path(__file__).parents[2] / "docs" / "events.schema.json"
URL = "https://jobs.example.com"
SECRET = "only-for-the-project"


class Story:
    """A job's images, one after the other."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.images = [image(job.id)]

    def goes(self, job: Job) -> Job:
        self.images.append(image(job.id))
        return job

    @property
    def records(self) -> list[dict[str, Any]]:
        return [record(self.images[0])] + [
            record(new, old=old) for old, new in zip(self.images, self.images[1:], strict=False)
        ]

    def told(self) -> list[JobEvent]:
        return [event for each in self.records for event in events_of(each, URL)]

    def ids(self) -> list[str]:
        return [event.id.removeprefix(f"{self.job.id}:") for event in self.told()]


def changed(new: Image, **fields: Any) -> list[JobEvent]:
    """What is told of a job that becomes so from Running."""
    return list(events_of(record(new | fields, old=new | {"status": {"S": "Running"}}), URL))


def test_a_job_is_announced_from_its_making_to_its_end() -> None:
    listen()
    story = Story(builders.queued())
    running = story.goes(builders.running(story.job))
    report = StoredReport("places.csv", "exports/x", "text/csv", 12, "0" * 64)
    store().complete(running, result={"rows": 1}, reports=(report,), publication=None, now=now_utc())
    done = story.goes(store().get(running.id))
    notify(*story.records)

    envelopes = heard()
    assert {(each["source"], each["detail-type"]) for each in envelopes} == {
        ("jobmill", "job.created"), ("jobmill", "job.started"), ("jobmill", "job.completed"),
    }  # fmt: skip
    (last,) = [each["detail"] for each in envelopes if each["detail-type"] == "job.completed"]
    assert done.completed_at is not None
    assert done.started_at is not None
    assert last == {
        "specversion": "1.0",
        "id": f"{done.id}:1:Completed",
        "source": f"{URL}/api/projects/demo",
        "type": "job.completed",
        "subject": done.id,
        "time": iso(done.completed_at),
        "datacontenttype": "application/json",
        "dataschema": f"{URL}/api/events.schema.json#/$defs/JobData",
        "data": {
            "jobId": done.id, "projectId": "demo", "type": "Import", "status": "Completed", "run": 1,
            "createdBy": "id-of-demo", "createdByName": "Demo", "createdAt": iso(done.created_at),
            "startedAt": iso(done.started_at), "completedAt": iso(done.completed_at),
            "reports": [{"name": "places.csv", "contentType": "text/csv", "sizeBytes": 12}], "reportCount": 1,
        },
    }  # fmt: skip


def test_a_run_starts_once_though_it_goes_in_slices_and_is_repeated() -> None:
    story = Story(builders.queued())
    job = story.goes(builders.running(story.job))
    job = story.goes(store().renew(job, progress=10, message=None, lease=builders.LEASE, now=now_utc()))
    for error in (None, JobError("away", "The store is away.", retryable=True)):
        job = story.goes(store().release(job, pass_=job.attempt, error=error, now=now_utc()))
        job = story.goes(builders.claim(job, pass_=job.attempt))
    job = story.goes(store().recover(job, JobError("lost", "The worker was lost."), now_utc()))
    job = story.goes(builders.claim(job))
    assert story.ids() == ["created", "1:Running", "2:Running"]


def test_each_run_has_its_own_end_and_its_own_start() -> None:
    story = Story(builders.queued())
    failed = story.goes(
        store().fail(FAIL, story.goes(builders.running(story.job)), JobError("x", "It broke."), now_utc())
    )
    queued = story.goes(lifecycle().retry(failed, failed.params))
    cancelled = story.goes(lifecycle().cancel(queued))
    story.goes(builders.running(story.goes(lifecycle().retry(cancelled, cancelled.params))))
    assert story.ids() == ["created", "1:Running", "1:Failed", "2:Cancelled", "3:Running"]
    told = {event.type: event for event in story.told()}
    assert (told["job.failed"].data.error_code, told["job.failed"].data.error) == ("x", "It broke.")
    assert "error" not in json.loads(told["job.cancelled"].to_json())["data"]
    assert told["job.failed"].time == failed.completed_at


def test_a_custom_job_is_made_and_starts_at_once() -> None:
    story = Story(create_job(project_id="demo", created_by="program"))
    complete_job(story.job.id, {"rows": 1})
    story.goes(store().get(story.job.id))
    assert story.ids() == ["created", "1:Running", "1:Completed"]


@pytest.mark.parametrize("type", ["Task", "Analysis"])
def test_jobs_of_every_type_are_announced(type: str) -> None:
    assert [event.data.type for event in Story(builders.queued(type=type)).told()] == [type]


def test_a_deletion_announces_nothing() -> None:
    done = image(builders.completed().id)
    assert events_of(record(None, old=done), URL) == ()


def test_nothing_of_the_job_s_own_content_is_told() -> None:
    job = create_job(
        project_id="demo", created_by="u", params={"a": SECRET}, data={"b": SECRET}, internal_data={"c": SECRET}
    )
    story = Story(job)
    complete_job(job.id, {"d": SECRET})
    story.goes(store().get(job.id))
    assert SECRET in json.dumps(story.images)
    assert SECRET not in "".join(event.to_json() for event in story.told())


def test_a_repeated_record_is_told_with_the_same_id() -> None:
    listen()
    story = Story(builders.queued())
    notify(*story.records)
    notify(*story.records)
    assert [each["detail"]["id"] for each in heard()] == [f"{story.job.id}:created"] * 2


def test_an_unreadable_record_is_passed_over_and_the_rest_is_told() -> None:
    listen()
    good, broken = image(builders.queued().id), image(builders.queued().id)
    del broken["created_by"]
    notify(record(broken), record(good | {"status": {"S": "Nonsense"}}), record(good))
    assert [each["detail"]["subject"] for each in heard()] == [good["id"]["S"]]
    assert call("GET", "/api/jobs/projects/demo/stats", user="admin").body["queued"] == 2


def test_an_event_stays_below_what_the_bus_takes_whatever_the_row_holds() -> None:
    failed = image(builders.failed().id)
    error = json.dumps({"code": "x", "message": "\ud83d" * 5000, "details": None, "kind": "input", "retryable": False})
    report = {"content_type": {"S": "text/csv"}, "size_bytes": {"N": "1"}, "key": {"S": "k"}, "sha256": {"S": "0"}}
    reports = {"L": [{"M": report | {"name": {"S": "\u0001" * 500 + str(n)}}} for n in range(130)]}
    (event,) = changed(failed, error={"S": error}, reports=reports, created_by_name={"S": "ü" * 50_000})
    assert len(event.to_json()) < 2 * MAX_REPORTS_BYTES < BYTES_PER_CALL
    assert 1 <= len(event.data.reports) < MAX_REPORTS
    assert event.data.report_count == 130
    assert event.data.error == "?" * MAX_CHARACTERS
    short = {"L": [{"M": report | {"name": {"S": f"{n}.csv"}}} for n in range(130)]}
    assert len(changed(failed, reports=short)[0].data.reports) == MAX_REPORTS


def test_the_committed_schema_is_the_code_s_and_events_follow_it() -> None:
    assert COMMITTED.read_text() == events_schema() + "\n", "run: make openapi"
    schema = json.loads(COMMITTED.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    job = create_job(project_id="demo", created_by="u")
    story = Story(job)
    set_job_error(job.id, "It broke.")
    story.goes(store().get(job.id))
    for event in story.told():
        content = json.loads(event.to_json())
        jsonschema.validate(content, schema, format_checker=jsonschema.FormatChecker())
        assert JobEvent.model_validate_json(event.to_json()) == event
        place = event.dataschema.partition("#")[2].removeprefix("/").split("/")
        assert place == ["$defs", "JobData"]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(content | {"data": content["data"] | {"status": "Done"}}, schema)


def test_the_api_gives_the_schema_without_a_token() -> None:
    answer = call("GET", "/api/events.schema.json", user=None)
    assert (answer.status, answer.body) == (200, json.loads(COMMITTED.read_text()))
