"""The main job, shown: a file becomes a dataset, and rows of the dataset become a workbook."""

import time
from pathlib import Path

import airportsdata
from rich.console import Console

from jobmill_client import Client, Job
from jobmill_client.cli.progress import watching
from jobmill_local.stack import Stack

PROJECT = "demo"
DATASET = "airports"
# 28,000 airports of the world come with the package.
SOURCE = Path(airportsdata.__file__).with_name("airports.csv")


def demonstrate(stack: Stack, console: Console) -> None:
    """Import the airports, export the high ones, and say where the workbook is. Raises JobmillError."""
    with stack.client("demo") as client:
        console.print(f"\nImport {SOURCE.name} ({SOURCE.stat().st_size:,} bytes) as the dataset {DATASET}:")
        _tell(_imported(client, console), console)
        console.print("\nExport the airports above 10,000 feet as a workbook, highest first:")
        target = stack.state / "demo" / "high-airports.xlsx"
        target.parent.mkdir(exist_ok=True)
        target.unlink(missing_ok=True)
        with watching(console) as on_change:
            exported = client.export(
                DATASET,
                target,
                project_id=PROJECT,
                columns=["icao", "name", "city", "country", "elevation"],
                where=[{"column": "elevation", "op": ">", "value": 10_000}],
                order_by=[{"column": "elevation", "descending": True}],
                on_change=on_change,
            )
        _tell(exported.job, console)
        console.print(f"\nOpen {', '.join(str(path) for path in exported.files)}")
        _tell_stats(client, console)


def _imported(client: Client, console: Console) -> Job:
    with watching(console) as on_change:
        return client.import_file(SOURCE, dataset=DATASET, project_id=PROJECT, on_change=on_change)


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
    console.print("Next: `.venv/bin/jobmill --help`, `make logs`, `make stop`.")
