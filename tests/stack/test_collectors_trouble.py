"""Collections while things change around them: datasets replaced, stores away, peers moved, odd numbers."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from jobmill.charging import collecting, publishing
from jobmill.jobs.job import Job
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import Status
from jobmill.ocpi import ledger
from jobmill.ocpi.rows import CDR_COLUMNS, write_rows
from jobmill.processing.attempt import Message, Tools, run_attempt
from jobmill.processing.context import Context
from jobmill.processing.registry import Result
from jobmill.processors.tasks import run_task
from jobmill.projects.dataset_files import DatasetColumn, Manifest
from jobmill.projects.datasets import newest_version
from jobmill.scheduled import scheduled_tasks
from jobmill.tables.engine import connect
from jobmill.tasks.names import TaskName
from jobmill.tasks.services import storage
from jobmill.tasks.starting import Asker, start_now
from jobmill_local.peer import Kind, Peer, World, serve_peer
from tests.stack.attempts import AnyParams, attempt, delivery
from tests.stack.collecting import (
    DAYS,
    PROJECT,
    SECRET,
    Clock,
    attempt_to_end,
    collected,
    configure,
    configured_peer,
    dataset_rows,
    run,
    settled_truth,
)

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("T15")]

LOCATIONS, CDRS = TaskName.COLLECT_CHARGE_LOCATIONS, TaskName.COLLECT_CHARGE_CDRS


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.charging.peers.time.sleep", lambda seconds: None)


def in_one_slice(job: Job, kit: Tools) -> Job:
    """The job after an attempt that ended at its first checkpoint."""
    quick = replace(kit, settings=replace(kit.settings, slice=timedelta(0)))
    run_attempt(Message(job.id, job.run, job.pass_, "token"), run_task, delivery("first"), quick)
    job = store().get(job.id)
    assert job.status is Status.QUEUED
    return job


def asked(name: TaskName) -> Job:
    return start_now(scheduled_tasks()[name].spec, Asker("id-of-admin", "admin"))


def replace_dataset(kit: Tools) -> None:
    """Somebody imports no rows over the dataset."""

    def work(context: Context[AnyParams]) -> Result:
        path = context.workspace / "empty.parquet"
        with connect(context.workspace) as connection:
            write_rows(connection, CDR_COLUMNS, [], path)
        columns = tuple(DatasetColumn(column.name, column.type) for column in CDR_COLUMNS)
        context.publish_dataset("charge_cdrs", Manifest(0, columns, (context.store_part(path, 0),)))
        return {}

    job = lifecycle().create_job(
        type="Import", project_id=PROJECT, created_by="x", run_limit=timedelta(hours=1), params={}
    )
    assert attempt(job, work, kit).status is Status.COMPLETED


def test_a_dataset_replaced_between_slices_is_collected_anew(
    kit: Tools, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock = Clock()
    with configured_peer(monkeypatch, clock) as peer:
        run(CDRS, kit)
        clock.pass_(hours=1)
        peer.world.add_cdr()
        clock.pass_(hours=1)
        job = in_one_slice(asked(CDRS), kit)
        replace_dataset(kit)
        assert attempt_to_end(job, kit).status is Status.COMPLETED
        rows = dataset_rows("charge_cdrs", "country_code, party_id, id", kit, tmp_path)
        assert rows == sorted(settled_truth(peer, Kind.CDRS, clock))


@pytest.mark.parametrize("name", [LOCATIONS, CDRS])
def test_data_that_cannot_be_read_now_is_not_taken_for_none(
    name: TaskName, kit: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> bytes:
        raise ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "GetObject")

    clock = Clock()
    with configured_peer(monkeypatch, clock) as peer:
        run(name, kit)
        before = collected(name)
        clock.pass_(hours=1)
        peer.world.add_cdr()
        peer.world.add_location()
        clock.pass_(hours=1)
        with monkeypatch.context() as moment:
            moment.setattr(storage(), "get", away)
            tried = run(name, kit)
        assert tried.status is Status.QUEUED, "to be tried again"
        assert collected(name) == before
        assert attempt_to_end(tried, kit).status is Status.COMPLETED
        assert len(collected(name)) == len(before) + 1


@pytest.mark.parametrize("number", ["1E+999", "-1E+999", "9" * 4_500, "NaN"])
def test_a_number_that_nobody_can_read_stops_no_collection(
    number: str, kit: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Peer._good

    def odd(self: Peer, *arguments: Any) -> Any:
        answer = plain(self, *arguments)
        body = answer.body.replace(b'"country_code":', b'"x_vendor":' + number.encode() + b',"country_code":')
        return replace(answer, body=body)

    with configured_peer(monkeypatch, Clock()):
        monkeypatch.setattr(Peer, "_good", odd)
        job = run(LOCATIONS, kit)
        assert job.status is Status.COMPLETED, job.error
        assert {str(raw["x_vendor"]) for raw in collected(LOCATIONS).values()} == {number}


def test_a_window_that_holds_too_much_is_read_in_halves(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MAX_OBJECTS", 100)
    clock = Clock()
    with configured_peer(monkeypatch, clock) as peer:
        job = run(CDRS, kit)
        assert job.status is Status.COMPLETED, job.error
        assert collected(CDRS) == settled_truth(peer, Kind.CDRS, clock)


def test_a_run_takes_no_more_windows_than_it_can_hold_and_the_next_one_goes_on(
    kit: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "MAX_OBJECTS", 100)
    monkeypatch.setattr(collecting, "MAX_OBJECTS", 50)
    clock = Clock()
    with configured_peer(monkeypatch, clock) as peer:
        config = peer.secret(PROJECT)
        config["peers"][0]["since"] = (clock.now - timedelta(days=DAYS + 2)).isoformat()
        configure(monkeypatch, config, f"127.0.0.1:{peer.port}")
        behind = []
        for _ in range(4):
            job = run(CDRS, kit)
            assert isinstance(job.result, dict)
            behind.append(job.result["behind"])
        assert behind[0] == ["local-peer"]
        assert behind[-1] == []
        assert collected(CDRS) == settled_truth(peer, Kind.CDRS, clock)


def test_a_new_token_goes_to_no_address_of_before(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(collecting, "KEPT_AFTER", 20)
    monkeypatch.setattr(collecting, "now_utc", clock)

    def world() -> AbstractContextManager[Peer]:
        return serve_peer(world=World(clock=clock, days=DAYS), page_limit=10)

    with world() as old, world() as new:
        configure(monkeypatch, old.secret(PROJECT), f"127.0.0.1:{old.port},127.0.0.1:{new.port}")
        job = in_one_slice(asked(CDRS), kit)
        seen = len(old.counting.seen())
        configure(monkeypatch, new.secret(PROJECT), f"127.0.0.1:{old.port},127.0.0.1:{new.port}")
        assert attempt_to_end(job, kit).status is Status.COMPLETED
        assert len(old.counting.seen()) == seen
        assert collected(CDRS) == settled_truth(new, Kind.CDRS, clock)
    assert boto3.client("secretsmanager").describe_secret(SecretId=SECRET)


def test_parts_are_joined_before_they_are_too_many(kit: Tools, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(publishing, "MAX_PARTS", 3)
    clock = Clock()
    with configured_peer(monkeypatch, clock) as peer:
        for _ in range(6):
            run(CDRS, kit)
            peer.world.add_cdr()
            clock.pass_(hours=1)
        run(CDRS, kit)
        newest = newest_version(PROJECT, "charge_cdrs")
        assert newest is not None
        manifest = kit.files.datasets.manifest(newest)
        assert manifest is not None
        assert len(manifest.parts) <= 4
        rows = dataset_rows("charge_cdrs", "country_code, party_id, id", kit, tmp_path)
        assert rows == sorted(settled_truth(peer, Kind.CDRS, clock))
        assert manifest.rows == len(rows)
