"""Runs of tasks against a peer over real HTTP, in this process: jobs of the type Task, attempted here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from jobmill.charging import collecting
from jobmill.jobs.job import Job
from jobmill.jobs.services import store
from jobmill.ocpi.objects import Key, key_of
from jobmill.processing.attempt import Message, Tools, run_attempt
from jobmill.processors.tasks import run_task
from jobmill.projects.datasets import newest_version
from jobmill.scheduled import scheduled_tasks
from jobmill.settings import settings
from jobmill.tables.engine import connect, literal
from jobmill.tasks.data import get_task_data_from_storage
from jobmill.tasks.services import task_cache
from jobmill.tasks.starting import Asker, start_now
from jobmill_local.peer import Kind, Peer, World, serve_peer
from jobmill_local.peer.truth import END
from tests.stack.attempts import delivery

SECRET = "jobmill-peers"
PROJECT = "charging"
DAYS = 40
"""Of the peer's history: more than a window."""


class Clock:
    """The time of the peer's world and of the collectors."""

    def __init__(self) -> None:
        self.now = END

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@contextmanager
def configured_peer(monkeypatch: pytest.MonkeyPatch, clock: Clock, **named: Any) -> Iterator[Peer]:
    """A peer, and the settings that lead to it."""
    with serve_peer(world=World(clock=clock, days=DAYS), **named) as peer:
        configure(monkeypatch, peer.secret(PROJECT), f"127.0.0.1:{peer.port}")
        monkeypatch.setattr(collecting, "now_utc", clock)
        yield peer


def configure(monkeypatch: pytest.MonkeyPatch, config: object, hosts: str = "") -> None:
    text = config if isinstance(config, str) else json.dumps(config)
    secrets = boto3.client("secretsmanager")
    try:
        arn = secrets.create_secret(Name=SECRET, SecretString=text)["ARN"]
    except secrets.exceptions.ResourceExistsException:
        arn = secrets.put_secret_value(SecretId=SECRET, SecretString=text)["ARN"]
    monkeypatch.setenv("PEERS_SECRET", arn)
    monkeypatch.setenv("PRIVATE_PEER_HOSTS", hosts)
    settings.cache_clear()


def run(name: str, kit: Tools) -> Job:
    """A run of the task, attempted until it ends or fails for good; slices go on at once."""
    job = start_now(scheduled_tasks()[name].spec, Asker("id-of-admin", "admin"))
    return attempt_to_end(job, kit)


def attempt_to_end(job: Job, kit: Tools) -> Job:
    for _ in range(200):
        owner = f"owner-{job.run}-{job.pass_}"
        run_attempt(Message(job.id, job.run, job.pass_, "token"), run_task, delivery(owner), kit)
        job = store().get(job.id)
        if job.status != "Queued" or job.events[-1].kind == "backed-off":
            return job
    raise AssertionError("it never ended")


def collected(name: str) -> dict[Key, Any]:
    """The task's data, read anew, by key."""
    task_cache().clear()
    return {key_of(raw): raw for raw in get_task_data_from_storage(name) or ()}


def settled_truth(peer: Peer, kind: Kind, clock: Clock) -> dict[Key, Any]:
    """What the peer has of valid objects that did not change in the last minutes, with JSON's own numbers."""
    invalid = peer.world.invalid(kind)
    entries = peer.world.entries(kind, None, clock.now - collecting.SETTLED)
    return {entry.key: json.loads(entry.text) for entry in entries if entry.key not in invalid}


def dataset_rows(name: str, columns: str, kit: Tools, folder: Path) -> list[tuple[Any, ...]]:
    """These columns of the newest version's rows, in order."""
    newest = newest_version(PROJECT, name)
    assert newest is not None
    _, parts = kit.files.datasets.fetch(newest, folder, lambda moved: None)
    with connect(folder) as connection:
        files = ", ".join(literal(str(part)) for part in parts)
        return connection.execute(f"SELECT {columns} FROM read_parquet([{files}]) ORDER BY ALL").fetchall()
