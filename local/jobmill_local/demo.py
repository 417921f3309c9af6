"""The main job, shown: a file becomes a dataset, and the dataset a workbook."""

import time
from pathlib import Path

import airportsdata
from rich.console import Console

from jobmill_client import Client, Job
from jobmill_client.cli.progress import watching
from jobmill_local.stack import Stack
from jobmill_local.toolchain import ROOT

PROJECT = "demo"
DATASET = "airports"
# 28,000 airports of the world come with the package.
SOURCE = Path(airportsdata.__file__).with_name("airports.csv")
OUT = ROOT / "out"


def demonstrate(stack: Stack, console: Console) -> None:
    """Import the airports, export them as a workbook, and say where it is and how to go on. Raises JobmillError."""
    with stack.client("demo") as client:
        console.print(f"\nImport {SOURCE.name} ({SOURCE.stat().st_size:,} bytes) as the dataset {DATASET}:")
        with watching(console) as on_change:
            job = client.import_file(SOURCE, dataset=DATASET, project_id=PROJECT, on_change=on_change)
        _tell(job, console)
        console.print("\nExport the dataset as a workbook:")
        OUT.mkdir(exist_ok=True)
        with watching(console) as on_change:
            exported = client.export(DATASET, OUT / f"{DATASET}.xlsx", project_id=PROJECT, on_change=on_change)
        _tell(exported.job, console)
        _tell_stats(client, console)
    console.print(f"\nThe workbook: {exported.files[0]}")
    console.print(f"The API:      {stack.api_url}")
    console.print("Go on with:   .venv/bin/jobmill --help · make logs · make stop · README.md")


def _tell(job: Job, console: Console) -> None:
    result = job.result or {}
    seconds = (job.completed_at - job.created_at).total_seconds() if job.completed_at else 0.0
    console.print(
        f"  {job.status}: {result.get('recordsProcessed', 0):,} rows, version {result.get('version')} of"
        f" {result.get('dataset')}, {seconds:.1f} s from submitted to completed ({job.id})"
    )
    for report in job.reports:
        console.print(f"  {report.name}, {report.size_bytes:,} bytes, sha256 {report.sha256[:16]}…")


def _tell_stats(client: Client, console: Console) -> None:
    """The counts follow the table's stream, so they are asked for until they have caught up, or 10 s."""
    until = time.monotonic() + 10
    while (stats := client.stats(PROJECT)).queued + stats.running and time.monotonic() < until:
        time.sleep(0.2)
    console.print(f"The project {PROJECT} has {stats.total} jobs, {stats.completed} of them completed.")
