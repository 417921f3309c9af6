"""The report files of this process, made from its settings at their first use."""

from functools import cache

from jobmill import aws
from jobmill.reports.storage import ReportFiles
from jobmill.settings import settings


@cache
def report_files() -> ReportFiles:
    """The report files in the bucket of the settings."""
    here = settings()
    return ReportFiles(aws.s3, aws.s3_for_callers, here.reports_bucket, here.retention_of)
