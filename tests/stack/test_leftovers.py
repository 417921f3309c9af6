"""What ended runs leave in S3: removed, but for the files of dataset versions."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto.core.botocore_stubber import BotocoreStubber

import notifier.handler
from jobmill.errors import DependencyError
from jobmill.jobs.history import all_events
from jobmill.jobs.job import Job
from jobmill.jobs.rows import HistoryRow, JobRow, job_key
from jobmill.jobs.services import lifecycle, store
from jobmill.processing.attempt import Tools
from jobmill.processing.context import Context
from jobmill.processing.registry import Result
from jobmill.projects.dataset_files import DatasetColumn, Manifest
from jobmill.projects.datasets import newest_version
from jobmill.projects.leftovers import EndedRun, Leftovers, delete_objects
from tests.stack import builders
from tests.stack.attempts import AnyParams
from tests.stack.conftest import BUCKETS, TABLE
from tests.stack.http import LambdaContext
from tests.stack.test_history import sliced
from tests.stack.test_slices import hurried, next_message

__all__ = ["hurried"]
pytestmark = pytest.mark.usefixtures("cloud")
BUCKET = BUCKETS["DATASETS_BUCKET"]


def notify(job: Job, *, gone: bool = False) -> None:
    """Hand the notifier the record of the job's row as it is now."""
    key = {"pk": {"S": job_key(job.id)}, "sk": {"S": "job"}}
    image = boto3.client("dynamodb").get_item(TableName=TABLE, Key=key)["Item"]
    change: dict[str, Any] = {"Keys": key, "OldImage" if gone else "NewImage": image}
    notifier.handler.handler({"Records": [{"eventID": "1", "dynamodb": change}]}, LambdaContext())


def files() -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return sorted(each["Key"] for each in found if not each["Key"].startswith("documents/"))


def two_parts(context: Context[AnyParams]) -> Result:
    """Store two parts and a piece, a checkpoint after the first, and publish both."""
    part = context.workspace / "part"
    part.write_bytes(b"x")
    keys = context.state if isinstance(context.state, list) else []
    if not keys:
        context.keep_piece(part, "piece")
        keys = [context.store_part(part, 0)]
        context.checkpoint(list(keys))
    keys = [*keys, context.store_part(part, 1)]
    manifest = Manifest(2, (DatasetColumn("a", "text"),), tuple(str(key) for key in keys))
    context.publish_dataset("places", manifest)
    return {}


def test_a_version_made_in_slices_keeps_its_files_and_the_rest_goes(hurried: Tools) -> None:
    job = next_message(builders.queued(), two_parts, hurried)
    job = next_message(job, two_parts, hurried)
    extra = f"datasets/demo/{job.id}/1-1/part-00007.parquet"
    boto3.client("s3").put_object(Bucket=BUCKET, Key=extra, Body=b"of a step that was done again")
    notify(job)
    newest = newest_version("demo", "places")
    assert newest is not None
    prefix = f"datasets/demo/{job.id}/"
    assert files() == [f"{prefix}1-1/part-00000.parquet", newest.manifest_key, f"{prefix}1-2/part-00001.parquet"]


def test_a_cancelled_job_leaves_nothing(hurried: Tools) -> None:
    job = next_message(builders.queued(), two_parts, hurried)
    assert len(files()) == 2
    notify(lifecycle().cancel(job))
    assert files() == []


def test_a_manifest_that_was_never_published_is_a_leftover_too(kit: Tools) -> None:
    def work(context: Context[AnyParams]) -> Result:
        two_parts(context)
        lifecycle().cancel(store().get(context.job.id))
        return {}

    job = next_message(builders.queued(), work, kit)
    assert any(key.endswith("manifest.json") for key in files())
    notify(job)
    assert files() == []


def test_files_of_a_later_run_stay(hurried: Tools) -> None:
    job = next_message(builders.queued(), two_parts, hurried)
    cancelled = lifecycle().cancel(job)
    job = next_message(lifecycle().retry(cancelled, cancelled.params), two_parts, hurried)
    JobRow.get(job_key(job.id), "job").update([JobRow.status.set("Cancelled"), JobRow.run.set(1)])
    notify(job)  # a late record of the first run's end
    assert files() == [f"datasets/demo/{job.id}/2-2/part-00000.parquet", f"work/{job.id}/2-2/piece"]


def test_a_job_under_way_is_left_alone(hurried: Tools) -> None:
    job = next_message(builders.queued(), two_parts, hurried)
    notify(job)
    assert len(files()) == 2


def test_what_could_not_be_removed_goes_with_the_job(hurried: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    job = lifecycle().cancel(next_message(builders.queued(), two_parts, hurried))
    answer = BotocoreStubber.__call__

    def without_s3(self: BotocoreStubber, event_name: str, request: Any, **named: Any) -> Any:
        if event_name.startswith("before-send.s3"):
            raise EndpointConnectionError(endpoint_url="s3")
        return answer(self, event_name, request, **named)

    with monkeypatch.context() as away:
        away.setattr(BotocoreStubber, "__call__", without_s3)
        notify(job)
    assert len(files()) == 2
    notify(job, gone=True)
    assert files() == []


def test_older_events_go_with_the_job() -> None:
    job = lifecycle().cancel(sliced(builders.queued(), 60))
    assert all_events(job) != job.events
    notify(job)
    assert list(HistoryRow.query(job_key(job.id), HistoryRow.sk.startswith("events#")))
    notify(job, gone=True)
    assert not list(HistoryRow.query(job_key(job.id), HistoryRow.sk.startswith("events#")))


def test_the_first_failure_of_s3_ends_the_removal(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[EndedRun] = []

    def away(self: Leftovers, ended: EndedRun) -> None:
        tried.append(ended)
        raise EndpointConnectionError(endpoint_url="s3")

    monkeypatch.setattr(Leftovers, "remove", away)
    notifier.handler.remove_files(EndedRun(name, "demo", 1, 1, is_completed=False) for name in "abc")
    assert [each.job_id for each in tried] == ["a"]


def test_objects_that_s3_keeps_are_told() -> None:
    class Keeping:
        def delete_objects(self, **_: Any) -> dict[str, Any]:
            return {"Errors": [{"Key": "a", "Code": "InternalError", "Message": "x"}]}

    with pytest.raises(DependencyError) as told:
        delete_objects(Keeping(), "bucket", ["a"])  # type: ignore[arg-type]
    assert (told.value.code, told.value.details) == ("objects-not-deleted", "InternalError")
