"""The command `analyze`: a crawl's export goes in, a workbook with what to improve comes out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path, PurePath
from typing import Annotated

import typer

from jobmill_client import files
from jobmill_client.cli.call import Call, command
from jobmill_client.cli.display import result_table
from jobmill_client.cli.file_commands import Target, saved_report
from jobmill_client.cli.following import Timeout, follow
from jobmill_client.cli.progress import transferring
from jobmill_client.job_params import analysis_params
from jobmill_client.models import Job, Report

Source = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A crawl's export, or keywords: CSV or XLSX.")
]


class Filter(StrEnum):
    """Which rows the result has."""

    ALL = "all"
    RECOMMENDED = "recommended"


@command
def analyze(
    call: Call,
    file: Source,
    filter_option: Annotated[Filter, typer.Option("--filter", help="All rows, or only those to improve.")] = Filter.ALL,
    output: Target = None,
    timeout: Timeout = None,
) -> None:
    """Analyse the pages and keywords of a file of any size, and save the workbook with the findings."""
    target, project_id = output or Path(), call.project_id()
    files.check_target(target)
    with call.client() as client:
        with transferring(call.err, f"Uploading {file.name}", file.stat().st_size) as on_bytes:
            upload_id = client.upload(file, project_id=project_id, on_bytes=on_bytes)
        job = client.submit("Analysis", analysis_params(upload_id, filter_option.value), project_id=project_id)
        job = follow(call, client, job, timeout)
        path = saved_report(call, client, job, workbook_of(job), target)
    call.answer({"job": job.raw, "files": [str(path)]}, result_table(job, saved_as=str(path)))


def workbook_of(job: Job) -> Report:
    """The job's workbook, which has the same result as JSON beside it. Raises ReportUnknown."""
    names = [report.name for report in job.reports if PurePath(report.name).suffix == ".xlsx"]
    return job.report(names[0] if names else None)
