"""Jobmill's typed HTTP client; the `jobmill` command is in `jobmill_client.cli`."""

from jobmill_client.analyses import AnalysisError, AnalysisStatus
from jobmill_client.bulk import DeadLetter, JobFilter, Outcome
from jobmill_client.client import Client
from jobmill_client.datasets import Dataset, DatasetVersion
from jobmill_client.errors import (
    AnalysisTimeout,
    ApiProblem,
    DownloadMismatch,
    FieldError,
    FileChanged,
    JobFailed,
    JobmillError,
    Misuse,
    NotAuthorized,
    ReportUnknown,
    Unreachable,
    WaitTimeout,
)
from jobmill_client.links import Link
from jobmill_client.me import Me, Membership
from jobmill_client.models import Event, Exported, Job, Project, Report, Stats, StatusChange, Summary
from jobmill_client.row_errors import RowError
from jobmill_client.task_models import SkippedStarts, Task, TaskData, TaskRun, TaskSchedule, TaskStart, TaskSuspension

__all__ = [
    "AnalysisError",
    "AnalysisStatus",
    "AnalysisTimeout",
    "ApiProblem",
    "Client",
    "Dataset",
    "DatasetVersion",
    "DeadLetter",
    "DownloadMismatch",
    "Event",
    "Exported",
    "FieldError",
    "FileChanged",
    "Job",
    "JobFailed",
    "JobFilter",
    "JobmillError",
    "Link",
    "Me",
    "Membership",
    "Misuse",
    "NotAuthorized",
    "Outcome",
    "Project",
    "Report",
    "ReportUnknown",
    "RowError",
    "SkippedStarts",
    "Stats",
    "StatusChange",
    "Summary",
    "Task",
    "TaskData",
    "TaskRun",
    "TaskSchedule",
    "TaskStart",
    "TaskSuspension",
    "Unreachable",
    "WaitTimeout",
]
