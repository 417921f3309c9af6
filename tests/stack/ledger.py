"""What must hold of the job's rows in the random lives: said of each row, and of each change that the table tells."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer
from moto.dynamodb.models import dynamodb_backends

from jobmill.jobs import conversions
from jobmill.jobs.documents import read_inline
from jobmill.jobs.job import Job
from jobmill.jobs.rows import JobRow
from jobmill.json_values import Json
from jobmill.times import milliseconds
from tests.stack.conftest import TABLE, table_properties
from tests.stack.moves import Row, check_move, check_row

type Guard = Callable[[Row | None, Row | None], bool]
"""Whether a step may change a row so; none before its creation and after its deletion."""
type Change = tuple[Row | None, Row | None]

_read = TypeDeserializer().deserialize


STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}


def make_table_with_stream() -> None:
    """Put an empty table, whose stream is on, in the place of the one there is."""
    dynamodb = boto3.client("dynamodb")
    dynamodb.delete_table(TableName=TABLE)
    dynamodb.create_table(TableName=TABLE, **table_properties(), **STREAM)


def shard() -> Any:
    """The table's stream as moto keeps it: asking for it over the API costs more than all the rest."""
    return dynamodb_backends["123456789012"]["eu-central-1"].tables[TABLE].stream_shard


class Ledger:
    """All that the table's stream ever told, checked as it comes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.rows: dict[str, Row] = {}
        self.reads: dict[str, list[Job]] = {}
        """Each job as it was after each of its changes, oldest first: what somebody may have read then."""
        self.records: list[dict[str, Any]] = []
        """The stream's records of jobs, each as the notifier gets it."""
        self.ends: set[tuple[str, int]] = set()
        self.versions: dict[str, dict[int, Row]] = {}
        self.heads: dict[str, Row] = {}
        self.published: dict[tuple[str, int], str] = {}
        """By dataset and version: the manifest of the attempt that completed with it."""
        self._clock = clock
        self._guards: list[tuple[str | None, Guard, list[Change]]] = []
        self._read_until = 0

    @contextmanager
    def step(self, job_id: str | None, guard: Guard) -> Iterator[list[Change]]:
        """Whatever is written meanwhile is of this job (none: of a new one), and `guard` lets it. Gives the changes."""
        self._drain()
        changes: list[Change] = []
        self._guards.append((job_id, guard, changes))
        yield changes
        self._drain()
        self._guards.pop()
        if not self._guards:
            self._check_datasets()

    def _drain(self) -> None:
        stream = shard()
        records = stream.get(stream.starting_sequence_number + self._read_until, 1000)
        self._read_until += len(records)
        for record in records:
            key = plain(record["dynamodb"]["Keys"])
            image = record["dynamodb"].get("NewImage")
            new = None if image is None else plain(image)
            if key["sk"] == "job":
                self._job_changed(key["pk"].removeprefix("job#"), new)
                if image is not None:
                    job = conversions.job_of(JobRow.from_raw_data(image), read_inline, is_whole=True)
                    self.reads.setdefault(job.id, []).append(job)
                self.records.append(record)
            elif key["pk"].startswith("datasets#"):
                assert new is not None, "no dataset is removed in these lives"
                self.heads[f"dataset#{key['pk'].removeprefix('datasets#')}#{key['sk']}"] = new
            elif key["pk"].startswith("dataset#"):
                assert new is not None, "no version is removed in these lives"
                self._version_added(key["pk"], new)

    def _job_changed(self, job_id: str, new: Row | None) -> None:
        assert self._guards, "nobody was to write"
        wanted, guard, changes = self._guards[-1]
        old = self.rows.get(job_id)
        assert job_id == wanted or (wanted is None and old is None), "another job was touched"
        assert guard(old, new), f"this may not be written now: {old} -> {new}"
        changes.append((old, new))
        if new is None:
            del self.rows[job_id]
            return
        self.rows[job_id] = new
        check_row(new)
        if old is not None:
            check_move(old, new, milliseconds(self._clock()))
            self._count_end(job_id, old, new)

    def _count_end(self, job_id: str, old: Row, new: Row) -> None:
        if old["status"] in ("Queued", "Running") and new["status"] not in ("Queued", "Running"):
            assert (job_id, new["run"]) not in self.ends, "a run ended twice"
            self.ends.add((job_id, new["run"]))
        if new["status"] == "Completed":
            result = json_of(new, "result")
            assert result["attempt"] == new["attempt"], "the result is of another attempt"
            if "dataset" in result:
                name = f"dataset#{new['project_id']}#{result['dataset']}"
                assert (name, result["version"]) not in self.published, "two jobs gave one version"
                self.published[name, result["version"]] = f"{job_id}/{new['run']}-{new['attempt']}"

    def _version_added(self, name: str, new: Row) -> None:
        versions = self.versions.setdefault(name, {})
        assert new["version"] not in versions, "a version was written twice"
        versions[new["version"]] = new

    def _check_datasets(self) -> None:
        """Each version is of exactly one Completed job's own attempt, and each that such a job names is there."""
        found = {(name, each): row["manifest_key"] for name, of in self.versions.items() for each, row in of.items()}
        assert found == self.published
        newest = {name: versions[max(versions)]["version"] for name, versions in self.versions.items()}
        assert {name: head["version"] for name, head in self.heads.items()} == newest


def json_of(row: Row, name: str) -> Any:
    """A JSON field of a row."""
    value: Json = json.loads(row[name])
    return value


def json_or_none(row: Row, name: str) -> Any:
    """A JSON field of a row, which may be absent."""
    return json_of(row, name) if name in row else None


def plain(image: dict[str, Any]) -> Row:
    """The values of an image of a row."""
    return {name: _read(value) for name, value in image.items()}
