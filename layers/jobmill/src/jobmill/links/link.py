"""A link, and whether it still holds: pure."""

from dataclasses import dataclass, field
from datetime import datetime

from jobmill.errors import Gone
from jobmill.jobs.job import Job
from jobmill.jobs.status import FINAL
from jobmill.links.subjects import ReportSubject, TaskSubject
from jobmill.links.tickets import require_in_time


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link to a file of a job, which lies in the reports bucket under `key`."""

    id: str
    subject: ReportSubject
    key: str
    name: str
    """Under which the file is saved; the subject's own."""
    content_type: str
    created_by: str
    created_by_name: str
    created_at: datetime
    expires_at: datetime
    """A whole second: until then it holds, if nothing else ends it."""
    downloads: int = 0
    """How often it led somebody to the file: every GET counts, a HEAD does not."""
    last_download_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by_name: str | None = None
    url: str | None = field(default=None, repr=False)
    """Of a link just made: the ticket is a secret that is kept nowhere."""


@dataclass(frozen=True)
class TaskLink:
    """A link to data of a task. It is kept nowhere: it holds until it expires, or that version of the data is gone."""

    subject: TaskSubject
    expires_at: datetime


def require_valid(link: Link | None, now: datetime) -> Link:
    """The link. Raises Gone `link-deleted` without a row, `link-revoked`, `link-expired`."""
    if link is None:
        raise deleted()
    if link.revoked_at is not None:
        raise Gone("link-revoked", "This link was revoked. Ask its sender for a new one.")
    require_in_time(link.expires_at, now)
    return link


def require_file(link: Link, job: Job | None, now: datetime) -> None:
    """Raise Gone `link-deleted` unless the job is there, in the link's run, and still has the file.

    A job under way has every file of its run, an ended one those that it lists: of a failed one, too.
    """
    if job is None or (job.expires_at is not None and job.expires_at <= now) or job.run != link.subject.run:
        raise deleted()
    if job.status in FINAL and link.key not in {report.key for report in job.reports}:
        raise deleted()


def deleted() -> Gone:
    """The error of a link whose file, or whose row, is gone."""
    return Gone("link-deleted", "The file of this link is no longer there.")
