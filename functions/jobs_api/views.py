"""What callers get: the project's records in the API's words. A field that has no value is left out."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from jobmill.jobs.job import Attempt, Event, Job, JobCounts, JobError, JobSummary, StoredReport
from jobmill.jobs.status import Status
from jobmill.projects.dead_letters import DeadLetter
from jobmill.projects.project import Project
from jobmill.times import iso

Moment = Annotated[datetime, PlainSerializer(iso, return_type=str)]


class View(BaseModel):
    """The base of all views: camelCase in JSON."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class SummaryView(View):
    """A job in a list."""

    id: str
    type: str
    project_id: str
    project_name: str
    status: Status
    progress: int
    created_at: Moment
    started_at: Moment | None = None
    created_by: str
    created_by_name: str

    @classmethod
    def of(cls, job: JobSummary, project: Project) -> Self:
        """The view of a job of this project."""
        return cls(**_summary(job, project))


class DeadLetterView(SummaryView):
    """A job that no worker could begin; its message was given up in `run`, at `deadAt`."""

    run: int
    dead_at: Moment

    @classmethod
    def of_letter(cls, letter: DeadLetter, project: Project) -> Self:
        """The view of a dead letter of this project."""
        return cls(**_summary(letter.job, project), run=letter.run, dead_at=letter.at)


def without_nulls() -> Any:
    """The default of a field inside another view that is left out where it has no value."""
    return Field(default=None, exclude_if=lambda value: value is None)


class ReportView(View):
    """A file that the job made; `url` answers with a redirect to it, until the job is gone."""

    name: str
    content_type: str
    size_bytes: int
    sha256: str
    expires_at: Moment | None = without_nulls()
    url: str

    @classmethod
    def of(cls, report: StoredReport, job: Job, job_url: str) -> Self:
        """The view of a report of this job, found at `job_url`."""
        return cls(
            name=report.name,
            content_type=report.content_type,
            size_bytes=report.size_bytes,
            sha256=report.sha256,
            expires_at=job.expires_at,
            url=f"{job_url}/reports/{quote(report.name)}",
        )


class ReportUrlView(View):
    """Where a report's file is in S3: `url` is good for a few minutes, and needs no token."""

    url: str


class JobView(SummaryView):
    """A job, whole. `error` is a sentence for the user; the other error fields are there with it.

    `expiresAt` is when an ended job is deleted with its reports; a retry takes it away.
    """

    progress_message: str | None = None
    completed_at: Moment | None = None
    expires_at: Moment | None = None
    updated_at: Moment
    run: int
    attempt: int
    params: Any = None
    data: Any = None
    result: Any = None
    error: str | None = None
    error_code: str | None = None
    error_kind: str | None = None
    error_details: str | None = None
    retryable: bool | None = None
    reports: list[ReportView]

    @classmethod
    def whole(cls, job: Job, project: Project, job_url: str) -> Self:
        """The view of a job of this project, found at `job_url`."""
        return cls(
            **_summary(job, project),
            **_error(job.error),
            progress_message=job.progress_message,
            completed_at=job.completed_at,
            expires_at=job.expires_at,
            updated_at=job.updated_at,
            run=job.run,
            attempt=job.attempt,
            params=job.params,
            data=job.data,
            result=job.result,
            reports=[ReportView.of(report, job, job_url) for report in job.reports],
        )


class AttemptView(View):
    """One ended taking of the job by a worker; `params` only with a run's first, if a retry has edited them since."""

    number: int
    run: int
    started_at: Moment
    ended_at: Moment
    outcome: str
    params: Any = None
    error: str | None = None
    error_code: str | None = None
    error_kind: str | None = None
    error_details: str | None = None
    retryable: bool | None = None

    @classmethod
    def of(cls, attempt: Attempt, job: Job, *, first: bool) -> Self:
        """The view of one of the job's attempts; with former parameters only if it is the `first` of its run."""
        former = next((each.params for each in job.former_params if first and each.run >= attempt.run), None)
        return cls(
            number=attempt.number,
            run=attempt.run,
            started_at=attempt.started_at,
            ended_at=attempt.ended_at,
            outcome=attempt.outcome,
            params=former,
            **_error(attempt.error),
        )


class EventView(View):
    """One thing that happened to the job; `attempt` is the one that it began or ended."""

    type: str
    at: Moment
    run: int
    attempt: int | None = None
    by: str | None = None
    error: str | None = None
    error_code: str | None = None
    error_kind: str | None = None
    error_details: str | None = None
    retryable: bool | None = None

    @classmethod
    def of(cls, event: Event) -> Self:
        """The view of an event."""
        return cls(
            type=event.kind, at=event.at, run=event.run, attempt=event.attempt, by=event.by, **_error(event.error)
        )


class CancelView(View):
    """A cancelled job."""

    id: str
    status: Status
    completed_at: Moment


class RetryView(View):
    """A job that is queued again; the nulls say what the last run no longer counts for."""

    id: str
    status: Status
    progress: int = 0
    error: None = None
    started_at: None = None
    completed_at: None = None


class OutcomeView(View):
    """What became of one job of many; `error` and `errorCode` say why it was refused."""

    id: str
    outcome: Literal["cancelled", "queued", "refused"]
    status: Status | None = without_nulls()
    error: str | None = without_nulls()
    error_code: str | None = without_nulls()


class BulkView(View):
    """What became of each job, in the order asked for, or the newest first; `next` is the cursor of what is left."""

    outcomes: list[OutcomeView]
    next: str | None = None


class CountsView(View):
    """How many jobs of a project are in each status."""

    total: int
    queued: int
    running: int
    completed: int
    failed: int
    cancelled: int

    @classmethod
    def of(cls, counts: JobCounts) -> Self:
        """The view of these counts."""
        return cls(total=counts.total, **{status.lower(): number for status, number in counts.by_status.items()})


class UploadView(View):
    """Where to send the file: a multipart POST to `url` with all `fields`, and the file last, as `file`."""

    upload_id: str
    url: str
    fields: dict[str, str]
    expires_at: Moment


class ProjectSettingsView(View):
    """A project's settings."""

    dataset_versions_kept: int


class ProjectView(View):
    """A project."""

    id: str
    name: str
    settings: ProjectSettingsView

    @classmethod
    def of(cls, project: Project) -> Self:
        """The view of a project."""
        kept = ProjectSettingsView(dataset_versions_kept=project.dataset_versions_kept)
        return cls(id=project.id, name=project.name, settings=kept)


def _summary(job: JobSummary, project: Project) -> dict[str, Any]:
    return {
        "id": job.id,
        "type": job.type,
        "project_id": job.project_id,
        "project_name": project.name,
        "status": job.status,
        "progress": job.progress or 0,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "created_by": job.created_by,
        "created_by_name": job.created_by_name,
    }


def _error(error: JobError | None) -> dict[str, Any]:
    if error is None:
        return {}
    return {
        "error": error.message,
        "error_code": error.code,
        "error_kind": error.kind,
        "error_details": error.details,
        "retryable": error.retryable,
    }
