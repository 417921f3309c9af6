"""What a chaos run left: plain values, as the checker judges them, and as its tests break them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.callers import Answer
from tests.chaos.work import Wanted

QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED = "Queued", "Running", "Completed", "Failed", "Cancelled"
FINAL = frozenset({COMPLETED, FAILED, CANCELLED})


@dataclass(frozen=True, kw_only=True)
class Image:
    """A job's row after one of its changes, from the table's stream. Times are epoch milliseconds."""

    job_id: str
    project_id: str
    type: str
    status: str
    version: int
    run: int
    attempt: int
    updated_at: int
    completed_at: int | None = None
    progress: int | None = None
    error_code: str | None = None
    last_event: str | None = None
    """What the job's own story ends with."""
    result: Mapping[str, Any] | None = None
    reports: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Version:
    """A version of a dataset, from the table."""

    project_id: str
    dataset: str
    version: int
    job_id: str
    manifest_key: str


@dataclass(frozen=True)
class Content:
    """The rows of a version, read from its files: how many, how many different ones, and the digest of their order."""

    rows: int
    distinct: int
    digest: str


@dataclass(frozen=True)
class Leftover:
    """A message that still lies in a queue."""

    queue: str
    job_id: str
    run: int


@dataclass(kw_only=True)
class Evidence:
    """All of it. `images` are each job's in the order of its changes, and `rows` the last of them, from the table."""

    accepted: Mapping[str, Wanted]
    prepared: frozenset[str] = frozenset()
    """The jobs of the preparation, before anything went wrong."""
    answers: Sequence[Answer]
    images: dict[str, list[Image]]
    rows: dict[str, Image]
    versions: list[Version] = field(default_factory=list)
    version_writes: dict[str, int] = field(default_factory=dict)
    """How often each version's row was written, by `project/dataset/version`."""
    contents: dict[str, Content] = field(default_factory=dict)
    """By manifest key; one that cannot be read is missing."""
    report_digests: dict[str, str] = field(default_factory=dict)
    """The SHA-256 of each report's object, by its key; one that is not there is missing."""
    stored_at: dict[str, int] = field(default_factory=dict)
    """When each object was first stored, by its key, from the proxy's log."""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    """What the API says of each project: jobs by status."""
    open_executions: list[str] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)
