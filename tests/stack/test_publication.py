"""Publications, idempotency keys, and races of people with each other."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from jobmill.errors import JobmillError, Unprocessable
from jobmill.jobs.changing import ChangeRefused
from jobmill.jobs.idempotency import IdempotencyKey, reserve
from jobmill.jobs.job import Job
from jobmill.jobs.publication import PublicationRefused
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.starts import StartQueue
from jobmill.jobs.status import Status
from jobmill.jobs.store import JobStore
from jobmill.processing.context import Context
from jobmill.projects.dataset_files import DatasetColumn, Manifest
from jobmill.projects.datasets import DatasetVersion, NewVersion, VersionRow, newest_version
from jobmill.projects.uploads import UploadRow
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.attempts import attempt
from tests.stack.builders import LEASE
from tests.stack.http import call
from tests.stack.test_api_jobs import import_request
from tests.stack.test_processors import PLAIN, run_import

pytestmark = pytest.mark.usefixtures("cloud")


def version(job: Job, number: int) -> DatasetVersion:
    return DatasetVersion("demo", "places", number, "key", 1, job.id, now_utc(), 1, "Demo")


def test_a_stale_version_is_refused_and_the_job_still_runs() -> None:
    run_import(PLAIN)
    job = builders.running()
    for stale in (1, 3):
        with pytest.raises(PublicationRefused):
            store().complete(job, result={}, reports=(), publication=NewVersion(version(job, stale)), now=now_utc())
    assert store().get(job.id) == job


def test_a_lost_attempt_publishes_nothing() -> None:
    job = builders.running()
    lifecycle().cancel(job)
    with pytest.raises(ChangeRefused):
        store().complete(job, result={}, reports=(), publication=NewVersion(version(job, 1)), now=now_utc())
    assert newest_version("demo", "places") is None


class Raced(JobStore):
    """Another import publishes just before the first completion here."""

    def __init__(self, real: JobStore) -> None:
        self.__dict__ = dict(real.__dict__)
        self.races = 1

    def complete(self, *args: object, **kwargs: object) -> None:
        if self.races:
            self.races -= 1
            run_import(PLAIN)
        super().complete(*args, **kwargs)


def test_an_import_that_was_overtaken_becomes_the_version_after(kit) -> None:
    def work(context: Context) -> dict:
        part = context.workspace / "part"
        part.write_bytes(b"x")
        key = context.store_part(part, 0)
        context.publish_dataset("places", Manifest(1, (DatasetColumn("a", "text"),), (key,)))
        return {}

    done = attempt(builders.queued(), work, replace(kit, store=Raced(store())))
    assert (done.status, done.result) == (Status.COMPLETED, {"dataset": "places", "version": 2})
    newest = newest_version("demo", "places")
    assert newest is not None
    assert newest.manifest_key.split("/")[-2] == "1-1"


def test_old_versions_that_cannot_be_removed_do_not_fail_the_import() -> None:
    call("PUT", "/api/projects/demo", {"name": "x", "settings": {"datasetVersionsKept": 1}}, user="admin")
    run_import(PLAIN)
    for key in (("datasets#demo", "places"), ("dataset#demo#places", "version#0000000001")):
        VersionRow.get(*key).update([VersionRow.manifest_key.set("\x00" * 2000)])
    assert run_import(PLAIN).status is Status.COMPLETED


def test_a_key_is_its_caller_s_and_its_route_s_and_ends() -> None:
    now, day = now_utc(), timedelta(days=1)
    key = IdempotencyKey("ann", "POST /a", "k", "body")
    assert reserve(key, "1", now=now, lifetime=day) == "1"
    assert reserve(key, "2", now=now, lifetime=day) == "1"
    assert reserve(replace(key, caller="bob"), "3", now=now, lifetime=day) == "3"
    assert reserve(replace(key, route="POST /b"), "4", now=now, lifetime=day) == "4"
    later = now + day + timedelta(seconds=1)
    assert reserve(replace(key, body_sha256="other"), "5", now=later, lifetime=day) == "5"
    with pytest.raises(Unprocessable):
        reserve(key, "6", now=later, lifetime=day)


def test_a_cancel_of_a_job_that_moved_since_is_decided_anew() -> None:
    job = builders.queued()
    builders.running(job)
    assert lifecycle().cancel(job).status is Status.CANCELLED


def test_of_two_retries_the_second_is_told_so() -> None:
    job = builders.failed()
    lifecycle().retry(job, job.params)
    with pytest.raises(JobmillError) as caught:
        lifecycle().retry(job, job.params)
    assert caught.value.code == "not-retryable"


def test_sqs_that_cannot_be_reached_raises_nothing() -> None:
    def away() -> None:
        raise EndpointConnectionError(endpoint_url="https://sqs")

    StartQueue(away, "https://sqs/q").send(builders.queued())


def test_an_upload_serves_no_longer_than_its_day_and_exactly_its_size() -> None:
    request = import_request()
    params = request["params"]
    UploadRow.get(f"upload#{params['uploadId']}", "upload").update([UploadRow.expires_at.set(now_utc() - LEASE)])
    assert call("POST", "/api/jobs", request).body["code"] == "upload-not-found"
    announced = {"projectId": "demo", "filename": "a", "contentType": "text/csv", "sizeBytes": 1_073_741_824}
    form = call("POST", "/api/uploads", announced)
    assert form.status == 201
    policy = json.loads(base64.b64decode(form.body["fields"]["policy"]))["conditions"]
    assert ["content-length-range", 0, 1_073_741_824] in policy
    assert {"Content-Type": "text/csv"} in policy
