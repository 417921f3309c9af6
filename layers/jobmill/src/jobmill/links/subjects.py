"""What a link leads to, as its ticket names it: here alone the kinds of subjects are read and written."""

import re
from dataclasses import dataclass

from jobmill.errors import NotFound
from jobmill.jobs.ids import is_job_id

REPORT, TASK = "report", "task"
_TASK_VERSION = re.compile(r"[A-Za-z0-9._-]{1,1024}")
"""A version of an object in S3."""


@dataclass(frozen=True)
class ReportSubject:
    """The report `name` that the attempt `attempt` of the job's run `run` has made."""

    job_id: str
    run: int
    attempt: int
    name: str

    def __str__(self) -> str:
        return f"{REPORT}:{self.job_id}:{self.run}:{self.attempt}:{self.name}"


@dataclass(frozen=True)
class TaskSubject:
    """The data of the task `name` as the version `version` of its object in S3 has it."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{TASK}:{self.name}:{self.version}"


type Subject = ReportSubject | TaskSubject
"""All kinds of subjects."""


def parse_subject(text: str) -> Subject:
    """The subject of a signed ticket. Raises NotFound `link-unsupported` for one that this version does not know."""
    kind, _, rest = text.partition(":")
    if kind == REPORT:
        subject = _report(rest)
        if subject is not None:
            return subject
    if kind == TASK:
        name, _, version = rest.partition(":")
        if name and _TASK_VERSION.fullmatch(version):
            return TaskSubject(name, version)
    raise NotFound("link-unsupported", "This link leads to something that this service does not have.")


def _report(text: str) -> ReportSubject | None:
    # The name comes last: it may hold colons itself.
    job_id, _, rest = text.partition(":")
    run, _, rest = rest.partition(":")
    attempt, _, name = rest.partition(":")
    if not (is_job_id(job_id) and _is_number(run) and _is_number(attempt) and name):
        return None
    return ReportSubject(job_id, int(run), int(attempt), name)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
