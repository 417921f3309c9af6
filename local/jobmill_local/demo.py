"""The main job, shown: bad rows are explained, a file becomes a dataset, and the dataset a workbook."""

import time
from pathlib import Path

import airportsdata
from rich.console import Console

from jobmill_client import Client, Job
from jobmill_client.cli.findings import row_errors
from jobmill_client.cli.progress import watching
from jobmill_client.row_errors import ROWS_TO_CORRECT
from jobmill_local.stack import PASSWORDS, Stack
from jobmill_local.toolchain import ROOT

PROJECT = "demo"
DATASET = "airports"
# 28,000 airports of the world come with the package.
SOURCE = Path(airportsdata.__file__).with_name("airports.csv")
OUT = ROOT / "out"
ORDERS = """\
number;customer;price;ordered
1001;Müller;1.234,50;29.02.2024
1002;;12;01.03.2024
10o3;Kowalski;9,99;02.03.2024
1004;Larsen;twelve;30.02.2024
"""
SCHEMA = {
    "fields": [
        {"name": "number", "type": "integer"},
        {"name": "customer", "constraints": {"required": True}},
        {"name": "price", "type": "number", "groupChar": "."},
        {"name": "ordered", "type": "date", "format": "%d.%m.%Y"},
    ],
    "primaryKey": "number",
}


def demonstrate(stack: Stack, console: Console) -> None:
    """Import a messy file and the airports, export these as a workbook, and say how to go on. Raises JobmillError."""
    OUT.mkdir(exist_ok=True)
    with stack.client("demo") as client:
        _show_bad_rows(client, console)
        console.print(f"\nImport {SOURCE.name} ({SOURCE.stat().st_size:,} bytes) as the dataset {DATASET}:")
        with watching(console) as on_change:
            job = client.import_file(SOURCE, dataset=DATASET, project_id=PROJECT, on_change=on_change)
        _tell(job, console)
        console.print("\nExport the dataset as a workbook:")
        with watching(console) as on_change:
            exported = client.export(DATASET, OUT / f"{DATASET}.xlsx", project_id=PROJECT, on_change=on_change)
        _tell(exported.job, console)
        _tell_stats(client, console)
    console.print(f"\nThe workbook:  {exported.files[0]}")
    console.print(f"The dashboard: {stack.outputs['DashboardUrl']}")
    passwords = (stack.state / PASSWORDS).resolve()
    shown = passwords.relative_to(ROOT) if passwords.is_relative_to(ROOT) else passwords
    console.print(f"               (sign in as demo, viewer, other or admin; their passwords are in {shown})")
    console.print(f"The API:       {stack.api_url}")
    console.print("Go on with:    .venv/bin/jobmill --help · make logs · make stop · README.md")


def _show_bad_rows(client: Client, console: Console) -> None:
    """Import rows of which most are bad, and say what is wrong with them and how they are sent back."""
    file = OUT / "orders.csv"
    file.write_bytes(ORDERS.encode("windows-1252"))
    console.print(f"\nImport {file.name}, as people send it, by a schema:")
    with watching(console) as on_change:
        job = client.import_file(file, dataset="orders", project_id=PROJECT, schema=SCHEMA, on_change=on_change)
    result = job.result
    console.print(f"  {job.status}: {result['recordsCreated']} of {result['recordsProcessed']} rows taken. The others:")
    console.print(*row_errors(result["firstErrors"], result["errors"]), sep="\n")
    saved = client.download(job, ROWS_TO_CORRECT, OUT / "orders-errors.xlsx").relative_to(ROOT)
    console.print(f"Correct {saved}, and send it back:\n  .venv/bin/jobmill import {saved} --continues {job.id}")


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
