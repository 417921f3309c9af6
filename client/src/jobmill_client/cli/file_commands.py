"""The commands that save files: export, download."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from jobmill_client import files
from jobmill_client.cli import expressions
from jobmill_client.cli.call import Call, command
from jobmill_client.cli.display import plain, result_table
from jobmill_client.cli.following import Timeout, follow
from jobmill_client.cli.progress import transferring
from jobmill_client.client import Client
from jobmill_client.job_params import export_params
from jobmill_client.models import Job, Report

Target = Annotated[Path | None, typer.Option("--output", "-o", help="The file to write, or a folder.")]
Conditions = Annotated[
    list[str] | None,
    typer.Option(
        help="'column op value', e.g. 'country = DE'; op is one of "
        "= != < <= > >= in contains startsWith isNull notNull."
    ),
]
FormulaSafe = Annotated[
    bool,
    typer.Option(
        "--formula-safe/--no-formula-safe",
        help="In a CSV file, put an apostrophe before texts that a spreadsheet would take for formulas.",
    ),
]


class Format(StrEnum):
    """The kinds of file that an export makes."""

    XLSX = "xlsx"
    CSV = "csv"
    PARQUET = "parquet"


@command
def export(  # noqa: PLR0913, PLR0917 - the command's options
    call: Call,
    dataset: Annotated[str, typer.Argument(help="The dataset's name.")],
    format: Annotated[Format, typer.Option(help="The kind of file.")] = Format.XLSX,
    version: Annotated[int | None, typer.Option(min=1, help="The dataset's version (the newest)")] = None,
    columns: Annotated[str | None, typer.Option(help="Columns to take, in this order: a,b (all)")] = None,
    where: Conditions = None,
    order_by: Annotated[list[str] | None, typer.Option(help="'column' or 'column:desc'.")] = None,
    formula_safe: FormulaSafe = True,
    output: Target = None,
    timeout: Timeout = None,
) -> None:
    """Write rows of a dataset to a file. --where and --order-by may be given several times."""
    params = export_params(
        dataset,
        format=format.value,
        version=version,
        columns=expressions.comma_list(columns or ""),
        where=[expressions.condition(text) for text in where or ()],
        order_by=[key for text in order_by or () for key in expressions.order(text)],
        formula_safe=formula_safe,
    )
    target = output or Path()
    files.check_target(target)
    project_id = call.project_id()
    with call.client() as client:
        job = client.submit("Export", params, project_id=project_id)
        job = follow(call, client, job, timeout)
        saved = [saved_report(call, client, job, report, path) for report, path in files.targets(job, target)]
    paths = [str(path) for path in saved]
    call.answer({"job": job.raw, "files": paths}, result_table(job, saved_as=", ".join(paths)))


@command
def download(
    call: Call,
    job_id: Annotated[str, typer.Argument(help="The job's id.")],
    name: Annotated[str | None, typer.Argument(help="The report's name (the only one)")] = None,
    output: Target = None,
) -> None:
    """Save a report of a job, checked by its SHA-256."""
    target = output or Path()
    files.check_target(target)
    with call.client() as client:
        job = client.job(job_id)
        report = job.report(name)
        path = saved_report(call, client, job, report, target)
    document = {"job": job.id, "file": str(path), "sizeBytes": report.size_bytes, "sha256": report.sha256}
    call.answer(document, plain(path))


def saved_report(call: Call, client: Client, job: Job, report: Report, target: Path) -> Path:
    """Save a report, with its progress; gives its path."""
    with transferring(call.err, f"Downloading {report.name}", report.size_bytes) as on_bytes:
        return client.download(job, report.name, target, on_bytes=on_bytes)
