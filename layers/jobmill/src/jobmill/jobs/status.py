"""Where a job is, and the only ways in which that may change: data, without AWS."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where a job is. These five words are stored and shown; finer facts have fields of their own."""

    QUEUED = "Queued"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


ACTIVE = frozenset({Status.QUEUED, Status.RUNNING})
FINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED})


class Fence(StrEnum):
    """What of the row a writer must know to be allowed its change."""

    RUN = "run"
    """The row's run is the writer's."""
    PASS = "pass"  # noqa: S105 - no password: a pass of a run
    """The writer's message is of the row's least pass or a later one."""
    ATTEMPT = "attempt"
    """The row's attempt is the writer's: nobody has taken the job since."""
    VERSION = "version"
    """The row's status has not changed since the writer read it."""
    LEASE = "lease"
    """The row's lease is as the writer read it: its worker has been silent since."""


@dataclass(frozen=True)
class Change:
    """One legal change of a job's row: from which statuses, to which, and behind which fences."""

    name: str
    sources: frozenset[Status]
    target: Status | None
    """None: the status stays as it is."""
    fences: frozenset[Fence] = frozenset()

    @property
    def is_move(self) -> bool:
        """Whether the status itself changes; each move raises the row's `version` by one."""
        return self.target is not None and self.sources != {self.target}


_QUEUED = frozenset({Status.QUEUED})
_RUNNING = frozenset({Status.RUNNING})

CLAIM = Change("claim", _QUEUED, Status.RUNNING, frozenset({Fence.RUN, Fence.PASS}))
"""A processor takes the job: attempt + 1, a lease, a deadline."""
RENEW = Change("renew", _RUNNING, Status.RUNNING, frozenset({Fence.ATTEMPT}))
"""The attempt reports progress and lengthens its lease."""
COMPLETE = Change("complete", _RUNNING, Status.COMPLETED, frozenset({Fence.ATTEMPT}))
"""The attempt is done and its files are in S3; what it publishes is in the same write."""
FAIL = Change("fail", _RUNNING, Status.FAILED, frozenset({Fence.ATTEMPT}))
"""The attempt found that the job cannot be done."""
SETTLE = Change("settle", ACTIVE, Status.FAILED, frozenset({Fence.RUN, Fence.VERSION}))
"""The state machine gave up: its send failed for good, or its last timeout passed."""
CANCEL = Change("cancel", ACTIVE, Status.CANCELLED, frozenset({Fence.RUN, Fence.VERSION}))
"""A person does not want it any more; as read, so that its story is told right."""
RETRY = Change(
    "retry", frozenset({Status.FAILED, Status.CANCELLED}), Status.QUEUED, frozenset({Fence.RUN, Fence.VERSION})
)
"""A person wants it again: the next run."""

RELEASE = Change("release", _RUNNING, Status.QUEUED, frozenset({Fence.ATTEMPT}))
"""The attempt gives the job back, for the machine's next message; `told` is false until the machine knows."""
TELL = Change("tell", _QUEUED, None, frozenset({Fence.RUN, Fence.ATTEMPT}))
"""The machine knows of the release."""
RECOVER = Change("recover", _RUNNING, Status.QUEUED, frozenset({Fence.RUN, Fence.ATTEMPT, Fence.LEASE}))
"""The worker is lost: the next run, which goes on from the last checkpoint."""
GIVE_UP = Change("give up", _RUNNING, Status.FAILED, frozenset({Fence.RUN, Fence.ATTEMPT, Fence.LEASE}))
"""The worker is lost, and another one would not help: out of time, or lost too often."""
RESTART = Change("restart", _QUEUED, None, frozenset({Fence.RUN, Fence.ATTEMPT}))
"""The run's execution or message is lost: the next run."""
POSTPONE = Change("postpone", ACTIVE, None, frozenset({Fence.RUN, Fence.ATTEMPT}))
"""All is well: look again later."""

UPDATE = Change("update", _RUNNING, Status.RUNNING, frozenset({Fence.ATTEMPT}))
"""Who works on the job writes its progress and its data by the job's id."""
ATTACH = Change("attach", FINAL | {Status.RUNNING}, None, frozenset({Fence.ATTEMPT}))
"""The owner of a Custom job adds a report; to one that has failed, too."""
DESTROY = Change("destroy", FINAL, None, frozenset({Fence.VERSION}))
"""An ended job goes, with all that belongs to it."""

CHANGES = (
    CLAIM, RENEW, COMPLETE, FAIL, SETTLE, CANCEL, RETRY,
    RELEASE, TELL, RECOVER, GIVE_UP, RESTART, POSTPONE, UPDATE, ATTACH, DESTROY,
)  # fmt: skip


def may_cancel(status: Status) -> bool:
    """Whether a job of this status can be cancelled."""
    return status in CANCEL.sources


def may_retry(status: Status) -> bool:
    """Whether a job of this status can be retried."""
    return status in RETRY.sources
