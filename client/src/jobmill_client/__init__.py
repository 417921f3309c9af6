"""Jobmill's typed HTTP client; the `jobmill` command is in `jobmill_client.cli`."""

from jobmill_client.bulk import JobFilter, Outcome
from jobmill_client.client import Client
from jobmill_client.errors import (
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
from jobmill_client.models import Exported, Job, Project, Report, Stats, StatusChange, Summary

__all__ = [
    "ApiProblem",
    "Client",
    "DownloadMismatch",
    "Exported",
    "FieldError",
    "FileChanged",
    "Job",
    "JobFailed",
    "JobFilter",
    "JobmillError",
    "Misuse",
    "NotAuthorized",
    "Outcome",
    "Project",
    "Report",
    "ReportUnknown",
    "Stats",
    "StatusChange",
    "Summary",
    "Unreachable",
    "WaitTimeout",
]
