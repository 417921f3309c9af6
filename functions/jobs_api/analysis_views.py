"""What callers of the analysis routes get: jobs in the words of that surface, and in its order of fields."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from jobmill.jobs.ids import analysis_id
from jobmill.jobs.job import Job, JobCounts, JobError
from jobmill.jobs.status import Status
from jobs_api.views import View

PREFIX = "/api/v1/analysis"
TAKES_FORMS = f"{PREFIX}/analyze-file"
"""The only route whose body is a form."""
_TIMEOUT = "run-limit"


class StartedView(View):
    """An accepted file."""

    success: Literal[True] = True
    job_id: str
    status: Literal["processing"] = "processing"
    message: str = "Analysis started. Use the jobId to check progress."


class ProcessingView(View):
    """An analysis that waits or is worked on; progress is in whole per cent."""

    success: Literal[True] = True
    job_id: str
    status: Literal["processing"] = "processing"
    progress: int
    message: str = "Analysis in progress"


class CompletedView(View):
    """An analysis that is done. Where it is `truncated`, `resultsUrl` has all of it, and the workbook too."""

    success: Literal[True] = True
    job_id: str
    status: Literal["completed"] = "completed"
    message: str = "Analysis completed successfully"
    download_url: str
    excel_file: str
    data_source: str
    summary: Any
    onpage_results: list[Any]
    keyword_mapping: list[Any]
    truncated: Literal[True] | None = None
    results_url: str | None = None

    @classmethod
    def of(cls, job: Job) -> Self:
        """The view of a Completed job, whole."""
        result: Any = job.result
        cut: dict[str, Any] = {"truncated": True, "results_url": download_url(result["resultsFile"])}
        return cls(
            job_id=analysis_id(job.id),
            download_url=download_url(result["excelFile"]),
            excel_file=result["excelFile"],
            data_source=result["dataSource"],
            summary=result["summary"],
            onpage_results=result["onpageResults"],
            keyword_mapping=result["keywordMapping"],
            **(cut if result["truncated"] else {}),
        )


class AnalysisErrorView(View):
    """Why there is no result: a sentence, and more about it, or a stable code where there is no more."""

    message: str
    details: str

    @classmethod
    def of(cls, error: JobError | None) -> Self:
        """The view of a Failed job's error; none for a job that was cancelled."""
        if error is None:
            return cls(message="Analysis cancelled", details="The analysis was cancelled before it was done")
        if error.code == _TIMEOUT:
            return cls(message="Analysis timeout", details="The analysis took too long")
        return cls(message=error.message, details=error.details or error.code)


class FailedView(View):
    """An analysis that failed, or was cancelled."""

    success: Literal[False] = False
    job_id: str
    status: Literal["failed"] = "failed"
    error: AnalysisErrorView


class AnalysisStatsView(View):
    """How many analyses there are; cancelled ones are among the failed."""

    total: int
    processing: int
    completed: int
    failed: int

    @classmethod
    def of(cls, counts: Iterable[JobCounts]) -> Self:
        """The view of the counts of several projects, summed."""
        projects = list(counts)

        def number(*statuses: Status) -> int:
            return sum(each.by_status[status] for each in projects for status in statuses)

        return cls(
            total=sum(each.total for each in projects),
            processing=number(Status.QUEUED, Status.RUNNING),
            completed=number(Status.COMPLETED),
            failed=number(Status.FAILED, Status.CANCELLED),
        )


type StatusView = Annotated[ProcessingView | CompletedView | FailedView, Field(discriminator="status")]


def status_view(job: Job) -> StatusView:
    """The view of a job, whole, in any status."""
    match job.status:
        case Status.QUEUED | Status.RUNNING:
            return ProcessingView(job_id=analysis_id(job.id), progress=job.progress or 0)
        case Status.COMPLETED:
            return CompletedView.of(job)
        case Status.FAILED | Status.CANCELLED:
            return FailedView(job_id=analysis_id(job.id), error=AnalysisErrorView.of(job.error))


def download_url(filename: str) -> str:
    """Where a file of an analysis is, from the root of the API."""
    return f"{PREFIX}/download/{filename}"
