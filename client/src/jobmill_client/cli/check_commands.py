"""The commands that check: validate a dataset, run the steps of a test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from jobmill_client import files
from jobmill_client.cli import json_files
from jobmill_client.cli.call import CHECK_FAILED, Call, command
from jobmill_client.cli.display import result_table
from jobmill_client.cli.file_commands import Target, saved_report
from jobmill_client.cli.findings import verdict, with_findings
from jobmill_client.cli.following import Timeout, follow
from jobmill_client.job_params import scenario_params, validation_params


@command
def validate(
    call: Call,
    dataset: Annotated[str, typer.Argument(help="The dataset's name.")],
    version: Annotated[int | None, typer.Option(min=1, help="The dataset's version (the newest)")] = None,
    schema: Annotated[
        Path | None, typer.Option(help="A file with a Table Schema (that of the dataset's import)")
    ] = None,
    checks: Annotated[Path | None, typer.Option(help="A file with a list of checks (none)")] = None,
    output: Target = None,
    timeout: Timeout = None,
) -> None:
    """Check a dataset's rows by rules, and save a workbook that explains each error.

    Exit code 0 if the dataset is valid, 5 if it is not.
    """
    params = validation_params(
        dataset,
        version=version,
        schema=json_files.schema(schema) if schema else None,
        checks=json_files.checks(checks) if checks else (),
    )
    target, project_id = output or Path(), call.project_id()
    files.check_target(target)
    with call.client() as client:
        job = follow(call, client, client.submit("Validation", params, project_id=project_id), timeout)
        saved = [saved_report(call, client, job, report, path) for report, path in files.targets(job, target)]
    paths = [str(path) for path in saved]
    call.answer({"job": job.raw, "files": paths}, with_findings(verdict(job, ", ".join(paths)), job))
    if not (isinstance(job.result, Mapping) and job.result.get("valid")):
        raise typer.Exit(CHECK_FAILED)


@command
def run_scenario(
    call: Call,
    file: Annotated[Path, typer.Argument(help="A JSON file with a scenario: its name, and steps.")],
    output: Target = None,
    timeout: Timeout = None,
) -> None:
    """Take the steps of a scenario: measure datasets, validate them, ask other systems. -o saves the workbook.

    Exit code 0 if all steps passed, 5 if one failed.
    """
    params, project_id = scenario_params(json_files.scenario(file)), call.project_id()
    if output:
        files.check_target(output)
    with call.client() as client:
        job = follow(call, client, client.submit("TestRun", params, project_id=project_id), timeout)
        targets = files.targets(job, output) if output else []
        saved = [saved_report(call, client, job, report, path) for report, path in targets]
    paths = [str(path) for path in saved]
    shown = with_findings(result_table(job, saved_as=", ".join(paths)), job)
    call.answer({"job": job.raw, "files": paths}, shown)
    if not (isinstance(job.result, Mapping) and job.result.get("failed") == 0):
        raise typer.Exit(CHECK_FAILED)
