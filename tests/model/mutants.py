"""The design broken in one place each: what the check would miss if it did not catch it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from jobmill.jobs.status import ACTIVE, CHANGES, Change, Fence, Status
from tests.model.design import Design
from tests.model.explore import Bounds
from tests.model.invariants import Broken
from tests.model.state import Event


@dataclass(frozen=True)
class Mutant:
    """One broken design, and the promise that it is expected to break within some events."""

    name: str
    breaks: str
    design: Design
    expected: Broken
    events: tuple[Event, ...]
    """What it takes: each kind once or more, in any order."""
    slices: int = 2

    @property
    def bounds(self) -> Bounds:
        may_leave = self.expected is not Broken.LEFT_OVER
        return Bounds(self.name, len(self.events), frozenset(self.events), self.slices, may_leave)


def _with(*changes: Change) -> Design:
    shipped = {change.name: change for change in CHANGES}
    return Design(changes=shipped | {change.name: change for change in changes})


def _shipped(name: str) -> Change:
    return next(change for change in CHANGES if change.name == name)


def without(name: str, *fences: Fence) -> Design:
    """The shipped table with these fences of one change dropped."""
    change = _shipped(name)
    assert change.fences.issuperset(fences), f"{name} has no such fence"
    return _with(replace(change, fences=change.fences - set(fences)))


def from_any(name: str, sources: Iterable[Status] = Status, *dropped: Fence) -> Design:
    """The shipped table with one change allowed in more statuses, and without some fences."""
    change = _shipped(name)
    return _with(replace(change, sources=frozenset(sources), fences=change.fences - set(dropped)))


_TABLE = (
    Mutant(
        "claim without the run", "a late message of an ended run takes the next run's job",
        without("claim", Fence.RUN), Broken.STUCK, (Event.CANCEL, Event.RETRY),
    ),
    Mutant(
        "claim without the pass", "a late copy of a message takes the next slice, and its report is to a dead token",
        without("claim", Fence.PASS), Broken.LEFT_OVER, (Event.DUPLICATE,),
    ),
    Mutant(
        "claim of a running job", "two workers have the job at once",
        from_any("claim", ACTIVE), Broken.STORY, (Event.DUPLICATE,),
    ),
    Mutant(
        "renew without the attempt", "a worker that lost its job writes its old progress over the new one's",
        without("renew", Fence.ATTEMPT), Broken.PROGRESS, (Event.SLOW, Event.RENEWAL), 3,
    ),
    Mutant(
        "complete without the attempt", "a worker that lost its job completes another's attempt",
        without("complete", Fence.ATTEMPT), Broken.OBJECT, (Event.SLOW,), 1,
    ),
    Mutant(
        "complete from any status", "a job completes that had been failed or cancelled",
        from_any("complete"), Broken.CHANGE, (Event.CANCEL,), 1,
    ),
    Mutant(
        "fail without the attempt", "a worker that lost its job fails another's attempt",
        without("fail", Fence.ATTEMPT), Broken.STORY, (Event.SLOW, Event.BAD_JOB), 1,
    ),
    Mutant(
        "release without the attempt", "a worker that lost its job gives another's attempt back",
        without("release", Fence.ATTEMPT), Broken.STORY, (Event.SLOW,),
    ),
    Mutant(
        "settle without run and version", "a timeout decided of a waiting job ends a working one",
        without("settle", Fence.RUN, Fence.VERSION), Broken.ROBBED, (Event.TIMEOUT,),
    ),
    Mutant(
        "cancel without the version", "a cancel decided of a waiting job ends a working one, whose attempt never ends",
        without("cancel", Fence.VERSION), Broken.STORY, (Event.CANCEL,), 1,
    ),
    Mutant(
        "recover without the lease", "a slow worker loses its job though it has renewed its lease",
        without("recover", Fence.LEASE), Broken.ROBBED, (Event.SLOW, Event.RENEWAL),
    ),
    Mutant(
        "recover without the attempt", "a look at a lost attempt takes the job from the next one",
        without("recover", Fence.ATTEMPT, Fence.RUN), Broken.STORY, (Event.SLOW, Event.TROUBLE), 1,
    ),
    Mutant(
        "give up in any status", "a job that completed meanwhile is given up",
        from_any("give up", Status, Fence.LEASE), Broken.CHANGE, (Event.KILL, Event.SLOW), 1,
    ),
    Mutant(
        "tell without run and attempt", "an earlier release's worker tells of a later one, which the machine missed",
        without("tell", Fence.RUN, Fence.ATTEMPT), Broken.STUCK, (Event.TROUBLE, Event.KILL), 2,
    ),
    Mutant(
        "settle of a failed job", "a job that its worker failed ends once more",
        from_any("settle", {Status.QUEUED, Status.FAILED}, Fence.VERSION), Broken.TWO_ENDS,
        (Event.TIMEOUT, Event.BAD_JOB), 1,
    ),
    Mutant(
        "retry of an active job", "a job that works is queued once more",
        from_any("retry", Status, Fence.VERSION, Fence.RUN), Broken.STORY, (Event.BAD_JOB, Event.RETRY, Event.RETRY), 1,
    ),
)  # fmt: skip

_HABITS = (
    Mutant(
        "completes before it uploads", "a completed job's file is not there yet",
        Design(upload_comes_first=False), Broken.OBJECT, (), 1,
    ),
    Mutant(
        "publishes before it completes", "a dataset version shows of a job that is not completed",
        Design(publishes_with_completion=False), Broken.PUBLICATION, (), 1,
    ),
    Mutant(
        "keys without the attempt", "a worker that lost its job writes over the result of who has it",
        Design(keys_have_attempt=False), Broken.OBJECT, (Event.SLOW,), 1,
    ),
    Mutant(
        "no reconciler", "a lost start, worker or report ends the job's way",
        Design(reconciles=False), Broken.STUCK, (Event.KILL,), 1,
    ),
    Mutant(
        "no told flag", "a worker killed between its release and its report leaves a job that nobody sends again",
        Design(release_is_untold=False), Broken.STUCK, (Event.KILL,),
    ),
    Mutant(
        "a dead token counts as told", "a release that the machine never heard of is taken for heard",
        Design(tells_only_what_was_heard=False), Broken.STUCK, (Event.SEND_ERROR,),
    ),
    Mutant(
        "dropped messages are not reported", "a worker killed before its report leaves its execution open",
        Design(dropper_reports=False), Broken.LEFT_OVER, (Event.KILL,), 1,
    ),
    Mutant(
        "release keeps the pass", "a late copy of the slice's message takes the next slice",
        Design(release_raises_pass=False), Broken.LEFT_OVER, (Event.DUPLICATE,),
    ),
    Mutant(
        "claim without a lease", "nobody notices that the worker was killed",
        Design(claim_takes_lease=False), Broken.STUCK, (Event.KILL,), 1,
    ),
    Mutant(
        "the next run keeps the number", "it has the name of the last one, whose execution is closed",
        Design(next_run_is_new=False), Broken.STUCK, (Event.BAD_JOB, Event.RETRY), 1,
    ),
    Mutant(
        "a claim does not know its owner", "a worker whose claim was not answered drops the job that it has",
        Design(claim_knows_its_owner=False), Broken.WASTED, (Event.LOST_ANSWER,), 1,
    ),
    Mutant(
        "a refused cancel is acknowledged", "a job completes though its cancel was answered with success",
        Design(refused_cancel_is_read_again=False), Broken.CANCEL, (Event.CANCEL,), 1,
    ),
    Mutant(
        "moves keep the version", "the stream shows an end that the counters take for an old one",
        Design(moves_raise_version=False), Broken.ANNOUNCEMENT, (), 1,
    ),
    Mutant(
        "a timeout ends working jobs", "a worker within its run limit loses its job to the machine's last timeout",
        Design(settle_spares_workers=False), Broken.ROBBED, (Event.TIMEOUT,), 1,
    ),
)  # fmt: skip

MUTANTS = (*_TABLE, *_HABITS)

SPARED = Mutant(
    "restart without run and attempt", "a look at an earlier run makes one more run, of which no promise speaks",
    without("restart", Fence.RUN, Fence.ATTEMPT), Broken.STUCK, (Event.STOP, Event.CANCEL, Event.RETRY), 1,
)  # fmt: skip
"""Not caught, and rightly so: these fences only save work."""
