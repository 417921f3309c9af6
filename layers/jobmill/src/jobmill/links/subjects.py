"""What a link leads to, as its ticket names it: here alone the kinds of subjects are read and written."""

from dataclasses import dataclass

from jobmill.errors import NotFound
from jobmill.jobs.ids import is_job_id

REPORT = "report"


@dataclass(frozen=True)
class ReportSubject:
    """The report `name` that the attempt `attempt` of the job's run `run` has made."""

    job_id: str
    run: int
    attempt: int
    name: str

    def __str__(self) -> str:
        return f"{REPORT}:{self.job_id}:{self.run}:{self.attempt}:{self.name}"


type Subject = ReportSubject
"""All kinds of subjects. Data of a task, `task:{name}:{version}`, is to be the second."""


def parse_subject(text: str) -> Subject:
    """The subject of a signed ticket. Raises NotFound `link-unsupported` for one that this version does not know."""
    kind, _, rest = text.partition(":")
    if kind == REPORT:
        subject = _report(rest)
        if subject is not None:
            return subject
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
