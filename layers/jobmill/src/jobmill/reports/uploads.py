"""A report that a program or an attempt has made becomes a file of its job, and a link to it."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from shutil import copyfileobj
from typing import TYPE_CHECKING, BinaryIO

from pynamodb.exceptions import PynamoDBException

from jobmill.errors import AttemptLost, Conflict
from jobmill.jobs.changing import ChangeRefused
from jobmill.jobs.holding import holder_of
from jobmill.jobs.job import CUSTOM, Job, StoredReport
from jobmill.jobs.operations import JobManaged, get_job, update_upload_job_status
from jobmill.jobs.services import store
from jobmill.jobs.status import Status
from jobmill.links.services import links
from jobmill.log import logger
from jobmill.names import safe_name
from jobmill.reports.services import report_files
from jobmill.times import now_utc

if TYPE_CHECKING:
    from openpyxl import Workbook

type Content = "bytes | BinaryIO | Path | Workbook"
"""What can be uploaded: bytes, an open binary file (from where it stands), the path of a file, or a workbook."""

MAX_REPORTS = 100
"""Of a job: its row, which lists them, ends at 400 KB."""
SECONDS_BETWEEN_WRITES = 1.0


def upload_to_s3(job_id: str, user_id: str, filename: str, export_type: str, data: Content) -> str:
    """Store a report of the job, raise its progress from 80 to 100 while it goes up, and give a link to it.

    The key is `exports/{export_type}/{user_id}/{job_id}/{run}-{attempt}/{filename}`, each part made safe; the link
    saves the file under `filename` itself, and holds for days (`links`). A Custom job lists the report at once, also
    after it has failed; an attempt's job when it completes. Raises NotFound for an unknown id, JobManaged for a job of
    another type outside its attempt, AttemptLost for an attempt that has ended its job, Conflict `report-exists` or
    `too-many-reports`, CallerError `link-name-too-long`, OSError for a path that is none. Two uploads of one name at
    the same time are not kept apart: one is refused, and its bytes may be what lies there.
    """
    holder = holder_of(job_id)
    job = holder.job if holder is not None else get_job(job_id, whole=False)
    if holder is None and job.type != CUSTOM:
        raise JobManaged(job)
    if holder is not None and not store().is_owned(job):
        raise AttemptLost(job_id)
    _require_room(filename, holder.reports if holder is not None else job.reports)
    with _as_file(data) as path:
        report = report_files().store(
            job,
            path,
            name=filename,
            export_type=export_type,
            transferred=_Progress(job, path.stat().st_size).moved,
            user_id=user_id,
        )
    # A link that cannot be made leaves no report behind.
    link = links().create_link(job, report, by=job.created_by, by_name=job.created_by_name)
    if holder is not None:
        holder.reports.append(report)
    else:
        _tell(_attach(job, report), 100)
    return str(link.url)


class _Progress:
    """Tells the job how much of its file is in S3, at most once a second.

    S3's threads call it, as if they were the one that made it: they belong to its attempt.
    """

    def __init__(self, job: Job, size_bytes: int) -> None:
        self._job = job
        self._size_bytes = max(size_bytes, 1)
        self._moved = 0
        self._told_at = time.monotonic()
        self._context = copy_context()
        self._one_at_a_time = threading.Lock()

    def moved(self, size_bytes: int) -> None:
        with self._one_at_a_time:
            self._moved += size_bytes
            if time.monotonic() - self._told_at >= SECONDS_BETWEEN_WRITES:
                self._told_at = time.monotonic()
                self._context.run(_tell, self._job, 100 * self._moved / self._size_bytes)


def _tell(job: Job, percent: float) -> None:
    """Raise the progress; a job that has ended keeps its own. Hiccups of the store stop no upload."""
    if job.status is not Status.RUNNING:
        return
    try:
        update_upload_job_status(job.id, percent)
    except ChangeRefused:
        return
    except PynamoDBException as error:
        logger.warning("upload's progress not told", job_id=job.id, error=repr(error))


def _attach(job: Job, report: StoredReport) -> Job:
    """Have the Custom job list the report; repeated where another one was added at the same time."""
    while True:
        try:
            return store().attach(job, report, now_utc())
        except ChangeRefused as refused:
            if len(refused.job.reports) == len(job.reports):
                raise
            job = refused.job
            _require_room(report.name, job.reports)


def _require_room(name: str, reports: "list[StoredReport] | tuple[StoredReport, ...]") -> None:
    if safe_name(name) in {safe_name(report.name) for report in reports}:
        raise Conflict("report-exists", f"The job has a report {name} already. Give this one another name.")
    if len(reports) >= MAX_REPORTS:
        raise Conflict("too-many-reports", f"The job has {MAX_REPORTS} reports, and takes no more.")


@contextmanager
def _as_file(data: Content) -> Iterator[Path]:
    if isinstance(data, Path):
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="jobmill-") as folder:
        path = Path(folder) / "file"
        if isinstance(data, bytes):
            path.write_bytes(data)
        elif hasattr(data, "read"):
            with path.open("wb") as file:
                copyfileobj(data, file)
        else:
            # A program that hands over no workbook does without the library for them.
            from jobmill.reports.workbooks import save

            save(data, path)
        yield path
