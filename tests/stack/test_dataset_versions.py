"""Versions that grow out of others: what they keep, whom they refuse, and which files go with old ones."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from jobmill.jobs.job import Job
from jobmill.jobs.status import Status
from jobmill.processing.attempt import Tools
from jobmill.processing.context import Context
from jobmill.processing.registry import Result
from jobmill.processing.services import tools
from jobmill.projects.dataset_files import DatasetColumn, Manifest
from jobmill.projects.datasets import DatasetVersion, VersionRow, get_version, newest_version
from jobmill.projects.project import Project, put_project
from tests.stack import builders
from tests.stack.attempts import AnyParams, attempt
from tests.stack.conftest import BUCKETS
from tests.stack.test_leftovers import notify
from tests.stack.test_slices import hurried, next_message

__all__ = ["hurried"]
pytestmark = pytest.mark.usefixtures("cloud")
BUCKET = BUCKETS["DATASETS_BUCKET"]
COLUMNS = (DatasetColumn("a", "text"),)

type Work = Callable[[Context[AnyParams]], Result]


def put_part(context: Context[AnyParams], text: str, number: int = 0) -> str:
    path = context.workspace / "new"
    path.write_text(text)
    return context.store_part(path, number)


def replacing(text: str = "x") -> Work:
    """Work that publishes one new part in place of all others."""

    def work(context: Context[AnyParams]) -> Result:
        context.publish_dataset("places", Manifest(1, COLUMNS, (put_part(context, text),)))
        return {}

    return work


def growing(text: str = "x", without: int | None = None, meanwhile: Callable[[], object] = lambda: None) -> Work:
    """Work that adds a part to the newest version; `without` one of the old parts, which is written anew."""

    def work(context: Context[AnyParams]) -> Result:
        head = context.dataset_head("places")
        assert head is not None
        base, manifest = head
        parts = list(manifest.parts)
        if without is not None:
            parts[without % len(parts)] = put_part(context, text, 1)
        meanwhile()
        wanted = replace(manifest, rows=manifest.rows + 1, parts=(*parts, put_part(context, text)))
        context.publish_dataset("places", wanted, base)
        return {}

    return work


def done(work: Work, kit: Tools) -> Job:
    job = attempt(builders.queued(), work, kit)
    assert job.status is Status.COMPLETED, job.error
    return job


def contents(version: int | None = None) -> list[str]:
    """What the parts of a version hold, in their order."""
    s3 = boto3.client("s3")
    key = get_version("demo", "places", version).manifest_key
    parts = json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())["parts"]
    return [s3.get_object(Bucket=BUCKET, Key=part)["Body"].read().decode() for part in parts]


def stored() -> set[str]:
    """The keys of all files of datasets."""
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {each["Key"] for each in found if each["Key"].startswith("datasets/")}


def named(first: int = 1) -> set[str]:
    """The keys of all files that the versions in the table name, from the `first` on."""
    keys = set()
    for row in VersionRow.query("dataset#demo#places", VersionRow.sk >= f"version#{first:010d}"):
        body = boto3.client("s3").get_object(Bucket=BUCKET, Key=row.manifest_key)["Body"].read()
        keys |= {row.manifest_key, *json.loads(body)["parts"]}
    return keys


def head() -> DatasetVersion:
    newest = newest_version("demo", "places")
    assert newest is not None
    return newest


def test_a_version_that_grew_keeps_the_parts_and_the_generation_of_its_base(kit: Tools) -> None:
    done(replacing("a"), kit)
    grown = done(growing("b"), kit)
    assert contents() == ["a", "b"]
    assert (head().version, head().job_id, head().generation, head().rows) == (2, grown.id, 1, 2)
    assert (head().created_by_name, get_version("demo", "places", 1).generation) == ("Demo", 1)
    done(replacing("c"), kit)
    assert (contents(), head().generation) == (["c"], 3)


def test_a_version_of_before_began_its_own_line() -> None:
    job = builders.running()
    row = VersionRow("datasets#demo", "places", version=1, manifest_key="k", rows=1, job_id=job.id)
    row.created_at = job.created_at
    row.save()
    assert (head().generation, head().created_by_name) == (1, "")


def test_a_manifest_keeps_its_schema_and_its_open_rows(kit: Tools) -> None:
    schema = {"fields": [{"name": "a"}], "primaryKey": ["a"]}
    manifest = Manifest(1, COLUMNS, (), schema, {"1": (2, 3)})

    def work(context: Context[AnyParams]) -> Result:
        context.publish_dataset("places", manifest)
        return {}

    done(work, kit)
    assert tools().files.datasets.manifest(head()) == manifest


def test_a_manifest_of_before_can_be_read(kit: Tools) -> None:
    done(replacing(), kit)
    old = {"rows": 3, "columns": [{"name": "a", "type": "text"}], "parts": ["p"]}
    boto3.client("s3").put_object(Bucket=BUCKET, Key=head().manifest_key, Body=json.dumps(old))
    assert tools().files.datasets.manifest(head()) == Manifest(3, COLUMNS, ("p",))


def test_work_on_a_version_that_was_overtaken_goes_on_from_its_checkpoint_on_the_new_one(hurried: Tools) -> None:
    done(replacing("a"), hurried)
    steps: list[str] = []

    def work(context: Context[AnyParams]) -> Result:
        if context.state is None:
            steps.append("read")
            context.checkpoint({"kept": put_part(context, "b")})
        assert isinstance(context.state, dict)
        found = context.dataset_head("places")
        assert found is not None
        base, manifest = found
        steps.append(f"publish on {base.version}")
        if base.version == 1:
            done(growing("meanwhile"), hurried)
        wanted = replace(manifest, parts=(*manifest.parts, str(context.state["kept"])))
        context.publish_dataset("places", wanted, base)
        return {}

    job = builders.queued()
    for _ in range(3):
        job = next_message(job, work, hurried)
    assert (job.status, job.result) == (Status.COMPLETED, {"dataset": "places", "version": 3})
    assert steps == ["read", "publish on 1", "publish on 2"]
    assert [str(each.outcome) for each in job.attempts] == ["continued", "retried", "completed"]
    (busy,) = [each.error for each in job.attempts if each.error]
    assert (busy.code, busy.retryable) == ("dataset-busy", True)
    assert contents() == ["a", "meanwhile", "b"]
    notify(job)
    assert stored() == named()


def test_a_checkpoint_made_just_before_a_refused_publication_is_kept(kit: Tools) -> None:
    done(replacing("a"), kit)
    states: list[Any] = []

    def work(context: Context[AnyParams]) -> Result:
        states.append(context.state)
        context.checkpoint("read")
        return growing(meanwhile=lambda: len(states) == 1 and done(growing(), kit))(context)

    slow = replace(kit, settings=replace(kit.settings, progress_interval=timedelta(hours=1)))
    job = next_message(builders.queued(), work, slow)
    assert next_message(job, work, slow).status is Status.COMPLETED
    assert states == [None, "read"]


def test_a_version_may_name_no_parts_but_its_own_and_its_base_s(kit: Tools) -> None:
    done(replacing(), kit)
    part = head().manifest_key.replace("manifest.json", "part-00000.parquet")

    def without_base(context: Context[AnyParams]) -> Result:
        context.publish_dataset("places", Manifest(1, COLUMNS, (part,)))
        return {}

    def of_another_dataset(context: Context[AnyParams]) -> Result:
        context.publish_dataset("others", Manifest(1, COLUMNS, (part,)), head())
        return {}

    def of_another_version(context: Context[AnyParams]) -> Result:
        context.publish_dataset("places", Manifest(1, COLUMNS, (part,)), head())
        return {}

    for work in (without_base, of_another_dataset):
        assert attempt(builders.queued(), work, kit).status is Status.FAILED
    done(replacing(), kit)
    assert attempt(builders.queued(), of_another_version, kit).status is Status.FAILED
    assert head().generation == head().version


def test_parts_of_several_jobs_come_as_files_of_different_names(kit: Tools) -> None:
    done(replacing("a"), kit)
    done(growing("b"), kit)
    seen: list[list[str]] = []

    def work(context: Context[AnyParams]) -> Result:
        _, manifest, paths = context.dataset("places")
        again = context.fetch_parts([*reversed(manifest.parts), put_part(context, "own")])
        seen.extend([path.read_text() for path in each] for each in (paths, again))
        return {}

    done(work, kit)
    assert seen == [["a", "b"], ["b", "a", "own"]]


def test_a_base_that_is_removed_meanwhile_is_a_dataset_that_is_busy(kit: Tools) -> None:
    done(replacing(), kit)
    s3, keys = boto3.client("s3"), sorted(named())

    def fetching(context: Context[AnyParams]) -> Result:
        context.fetch_parts(keys[1:])
        return {}

    for key, work in ((keys[1], fetching), (keys[0], growing())):
        s3.delete_object(Bucket=BUCKET, Key=key)
        job = attempt(builders.queued(), work, kit)
        assert job.status is Status.QUEUED
        assert [each.error.code for each in job.attempts if each.error] == ["dataset-busy"]


@pytest.mark.parametrize("kept", [1, 2])
def test_a_chain_of_appends_keeps_every_part_and_as_many_versions_as_the_project(kit: Tools, kept: int) -> None:
    put_project(Project("demo", "Demo", kept))
    jobs = [done(replacing("0"), kit)]
    for number in range(1, 5):
        jobs.append(done(growing(str(number)), kit))
    assert contents() == list("01234")
    assert len({key for key in stored() if key.endswith("manifest.json")}) == kept
    for job in jobs:  # as if each had been done in slices, and when their rows are gone
        notify(of_slices(job))
        notify(job, gone=True)
    assert contents() == list("01234")
    done(replacing("z"), kit)
    done(replacing("z"), kit)
    assert stored() == named()


def of_slices(job: Job) -> Job:
    builders.row_of(job).update([type(builders.row_of(job)).checkpoint.set("{}")])
    return job


def test_a_part_goes_with_the_last_version_that_names_it(kit: Tools) -> None:
    put_project(Project("demo", "Demo", 2))
    for work in (replacing("a"), growing("b"), growing("c", without=0)):
        done(work, kit)
    assert contents(2) == ["a", "b"]
    done(growing("d"), kit)
    assert contents() == ["c", "b", "c", "d"]
    assert len(stored()) == 4 + 2
