"""What the model knows of the world at one moment: small frozen tuples, so that equal moments are one."""

from enum import StrEnum
from typing import NamedTuple

from jobmill.jobs.status import Status


class Row(NamedTuple):
    """The job's row, as far as the protocol reads it."""

    status: Status = Status.QUEUED
    run: int = 1
    pass_: int = 0
    attempt: int = 0
    version: int = 1
    lease: int = 0
    """0: none. 1 at the claim, one more at each renewal: which `lease_until` it is."""
    told: bool = True
    recoveries: int = 0
    slices: int = 0
    """How many are done: the checkpoint, and the progress."""
    result: int | None = None
    """The key of the object that the result names."""
    ended: int = 0
    """The newest attempt whose end the story tells."""


class Known(NamedTuple):
    """What the writer of a change knows of the row: only that which the change needs."""

    run: int = 0
    pass_: int = 0
    attempt: int = 0
    version: int = 0
    lease: int = 0
    slices: int = 0
    is_running: bool = False


class Message(NamedTuple):
    """A message of the type's queue. Its token is the execution's, for just this pass."""

    run: int
    pass_: int


class Phase(StrEnum):
    """Where an execution is."""

    MISSING = "missing"
    SENDING = "sending"
    WAITING = "waiting"
    SETTLING = "settling"
    CLOSED = "closed"


class Execution(NamedTuple):
    """The execution of one run."""

    phase: Phase = Phase.MISSING
    pass_: int = 0
    """The pass to be sent, or the one whose token it waits for."""
    retries: int = 0
    timed_out: bool = False
    settle: Known | None = None
    """What the function Settle has read. It goes on if the execution is stopped."""

    @property
    def is_open(self) -> bool:
        return self.phase not in (Phase.MISSING, Phase.CLOSED)


class Doing(StrEnum):
    """A worker's next call."""

    CLAIM = "claim"
    READ = "read the row that refused the claim"
    WORK = "work"
    UPLOAD = "upload"
    PUBLISH = "publish"
    COMPLETE = "complete"
    FAIL = "fail"
    RELEASE = "release"
    READ_RELEASE = "read the row that refused the release"
    REPORT_END = "report the end"
    REPORT_NEXT = "report that the job is to be sent again"
    TELL = "tell the row"


class Worker(NamedTuple):
    """One delivery of a message, and what its worker knows."""

    message: Message
    doing: Doing = Doing.CLAIM
    job: Known = Known()
    """The job as claimed, later as released."""
    unheard: int = 0
    """The attempt that it has got without hearing of it: the row's `owner` is this delivery."""
    is_slice: bool = False
    """Whether the release is a slice's end (Job.Continue) or trouble (Job.Retryable)."""


class Looking(StrEnum):
    """The reconciler's next call for the row that it has read."""

    FIND = "find the execution"
    SEND = "put off, then send the start again"
    RESTART = "restart"
    RECOVER = "recover"
    GIVE_UP = "give up"
    SEND_NEXT = "send the next run's start"
    STOP = "stop the old execution"


class Look(NamedTuple):
    """The reconciler at work."""

    doing: Looking
    job: Known


class Asking(StrEnum):
    """The API's next call for a person."""

    CANCEL = "cancel"
    RETRY = "retry"
    SEND = "send the start"
    STOP = "stop the execution"


class Request(NamedTuple):
    """A request of a person, with what was read."""

    doing: Asking
    job: Known


class Object(NamedTuple):
    """An object in S3."""

    key: int
    attempt: int
    """The attempt that wrote it last."""


class State(NamedTuple):
    """The world."""

    row: Row = Row()
    starts: frozenset[int] = frozenset({1})
    executions: tuple[Execution, ...] = (Execution(),)
    """By run, the first is run 1's."""
    messages: tuple[Message, ...] = ()
    workers: tuple[Worker, ...] = ()
    """Those at work, in an order without meaning."""
    look: Look | None = None
    requests: tuple[Request, ...] = ()
    """Those under way, in an order without meaning."""
    objects: frozenset[Object] = frozenset()
    published: tuple[int, ...] = ()
    """The attempts whose files became versions of the dataset."""
    announced: tuple[tuple[int, Status], ...] = ()
    """Run and status of each end that the stream showed."""
    cancelled: frozenset[int] = frozenset()
    """The runs whose cancel was acknowledged."""
    events: int = 0
    """How many more things may go wrong or be asked for."""

    def execution(self, run: int) -> Execution:
        return self.executions[run - 1] if run <= len(self.executions) else Execution()

    def with_execution(self, run: int, execution: Execution) -> "State":
        missing = (Execution(),) * (run - len(self.executions))
        executions = self.executions + missing
        return self._replace(executions=(*executions[: run - 1], execution, *executions[run:]))

    def with_worker(self, old: Worker | None, new: Worker | None) -> "State":
        return self._replace(workers=_exchanged(self.workers, old, new))

    def with_request(self, old: Request | None, new: Request | None) -> "State":
        return self._replace(requests=_exchanged(self.requests, old, new))


def _exchanged[T](all_: tuple[T, ...], old: T | None, new: T | None) -> tuple[T, ...]:
    rest = list(all_)
    if old is not None:
        rest.remove(old)
    if new is not None:
        rest.append(new)
    return tuple(sorted(rest))  # type: ignore[type-var]


class Event(StrEnum):
    """What the protocol has to bear. Each costs one of a state's `events`."""

    DUPLICATE = "a message or start is delivered twice"
    KILL = "a process is killed"
    LOST_ANSWER = "a write is done, and its writer does not hear of it"
    CLAIM_ERROR = "the store does not answer a claim"
    SEND_ERROR = "the machine's send is done, and the machine does not hear of it"
    LOST_START = "a start is lost"
    LOST_STOP = "a StopExecution is lost"
    STOP = "somebody stops the execution"
    TIMEOUT = "the machine's last timeout passes"
    SLOW = "a lease or grace passes though the worker is alive"
    RENEWAL = "a lease is renewed, with a checkpoint"
    TROUBLE = "a service that the work needs is away"
    BAD_JOB = "the job cannot be done"
    CANCEL = "a person cancels"
    RETRY = "a person retries"


class Step(NamedTuple):
    """One atomic step: a call of one actor, or an event."""

    name: str
    after: State
    event: Event | None = None
    """None: what happens by itself, if nothing goes wrong."""
