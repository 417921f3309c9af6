"""The one tree of errors: the caller's fault, worth retrying, or our bug.

`message` is a sentence for the user and never holds secrets; `details` may add facts for the user;
what only the log may hold travels as the exception's cause. `code` is stable: callers may match it.
"""

from enum import StrEnum


class ErrorKind(StrEnum):
    """Whose turn it is after an error; stored with a failed job as `error.kind`."""

    INPUT = "input"
    TIMEOUT = "timeout"
    DEPENDENCY = "dependency"
    INTERNAL = "internal"


class JobmillError(Exception):
    """Any error that Jobmill raises on purpose."""

    kind = ErrorKind.INTERNAL
    retryable = False

    def __init__(self, code: str, message: str, *, details: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        self.field = field


class CallerError(JobmillError):
    """The request or the file is wrong; repeating it unchanged gives the same answer."""

    kind = ErrorKind.INPUT


class NotFound(CallerError):
    """No such thing, or not one that this caller may know of."""


class Gone(CallerError):
    """There was such a thing, and it will not come back."""


class Forbidden(CallerError):
    """The caller may see the thing, but not do this to it."""


class Conflict(CallerError):
    """The thing is not in a condition in which this can be done."""


class Unprocessable(CallerError):
    """The request is well formed, but what it names cannot be worked with."""


class UnsupportedKind(CallerError):
    """The thing is of a kind with which this cannot be done."""


class TooLarge(CallerError):
    """More bytes than this way in takes."""


class TooMany(CallerError):
    """There are as many as there may be; the same request may succeed when they have become fewer."""

    retryable = True


class DependencyError(JobmillError):
    """A service that we need did not do its part; the same request may succeed later."""

    kind = ErrorKind.DEPENDENCY
    retryable = True


class RunLimitExceeded(JobmillError):
    """The job worked longer than its run limit allows."""

    kind = ErrorKind.TIMEOUT
    retryable = True


class StepTooLong(JobmillError):
    """The work did not reach a checkpoint in the time that one worker has."""

    kind = ErrorKind.TIMEOUT
    retryable = True


class SliceOver(Exception):
    """The attempt's slice is over, and the job can go on from its checkpoint. Let it pass."""


class AttemptLost(JobmillError):
    """This attempt no longer owns its job: cancelled, timed out, or taken over. Stop and write nothing."""

    def __init__(self, job_id: str) -> None:
        super().__init__("attempt-lost", "This attempt no longer owns its job.", details=job_id)
