"""The one tree of errors that the client raises; `str(error)` is a sentence for the user.

`code` is stable and made for programs: the API's own code, or one of this module's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobmill_client.models import Job


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of a request; `field` is a path such as `params.dataset`."""

    field: str
    message: str


class JobmillError(Exception):
    """Anything that kept the client from doing what it was asked."""

    code: str = "client-error"


class ApiProblem(JobmillError):
    """The API, its gateway, a proxy or the file store answered with an error, or with nonsense.

    `status` is the HTTP status, also of a good answer whose body cannot be read (`unreadable-answer`).
    `code` is the API's; for a body without one, the status's phrase (`too-many-requests`).
    """

    def __init__(
        self, status: int, code: str, title: str, detail: str = "", errors: tuple[FieldError, ...] = ()
    ) -> None:
        self.status, self.code, self.title, self.detail, self.errors = status, code, title, detail, errors
        fields = "; ".join(f"{error.field}: {error.message}" for error in errors if error.message != detail)
        super().__init__(" ".join(part for part in (detail or title, f"({fields})" if fields else "") if part))


class NotAuthorized(ApiProblem):
    """401, 403, or a sign-in that was refused: the token or the password is missing, wrong or old."""


class Unreachable(JobmillError):
    """No answer: connection refused, name unknown, certificate refused, or too slow; after the retries."""

    code = "unreachable"


class JobFailed(JobmillError):
    """The job ended as Failed or Cancelled; `job` is what the API last said of it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.code = job.error_code or f"job-{job.status.lower()}"
        super().__init__(job.error or f"Job {job.id} was {job.status.lower()}.")


class WaitTimeout(JobmillError):
    """The job had not ended in the time given; it goes on, and `job` is what the API last said of it."""

    code = "wait-timeout"

    def __init__(self, job: Job, seconds: float) -> None:
        self.job = job
        super().__init__(f"Job {job.id} had not ended after {seconds:g} seconds; it goes on.")


class AnalysisTimeout(JobmillError):
    """The analysis had not ended in the time given; it goes on."""

    code = "wait-timeout"

    def __init__(self, job_id: str, seconds: float) -> None:
        super().__init__(f"Analysis {job_id} had not ended after {seconds:g} seconds; it goes on.")


class DownloadMismatch(JobmillError):
    """The bytes received are not those that the job lists; nothing was kept."""

    code = "download-mismatch"


class FileChanged(JobmillError):
    """The file became shorter while it was being uploaded; nothing was stored."""

    code = "file-changed"


class ReportUnknown(JobmillError):
    """The job lists no report of that name."""

    code = "report-unknown"


class Misuse(JobmillError):
    """A call that cannot work, found before its request was sent."""

    code = "usage"
