"""Cursors: where a page ended, as text that callers hand back unread."""

import base64
import binascii

from jobmill.errors import CallerError
from jobmill.jobs.ids import is_job_id


def to_cursor(job_id: str) -> str:
    """The cursor that goes on after this job."""
    return base64.urlsafe_b64encode(job_id.encode()).decode().rstrip("=")


def from_cursor(cursor: str | None) -> str | None:
    """The job that a cursor goes on after; none without one. Raises CallerError `bad-cursor`."""
    if cursor is None:
        return None
    try:
        job_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        job_id = ""
    if not is_job_id(job_id):
        raise CallerError("bad-cursor", "The cursor is none of ours; start again without it.", field="cursor")
    return job_id
