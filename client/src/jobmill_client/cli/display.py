"""What people see: tables and sentences. Text of the server is shown as text, whatever it holds."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from jobmill_client.bulk import DeadLetter, Outcome
from jobmill_client.datasets import Dataset, DatasetVersion
from jobmill_client.links import Link
from jobmill_client.me import Me, Membership
from jobmill_client.models import Event, Job, Stats, Summary

STATUS_STYLES = {"Completed": "green", "Failed": "red", "Cancelled": "yellow", "Running": "cyan"}
LISTS = {
    "Import": ("firstErrors",),
    "Validation": ("rules",),
    "TestRun": ("steps",),
    "Analysis": ("onpageResults", "keywordMapping"),
}
"""What of the results of Jobmill's own job types is a list: shown as a table (`findings`), or left to the workbook."""


def plain(value: object) -> str:
    """`value` as text without control characters: no server writes to the terminal's controls."""
    return "".join("\ufffd" if unicodedata.category(char) == "Cc" else char for char in str(value).replace("\n", " "))


def cell(value: object, style: str = "") -> Text:
    """A table's cell; empty for None."""
    return Text("" if value is None else plain(value), style=style)


def local_time(time: datetime | None) -> str:
    """The time in this computer's zone, to the second."""
    return "" if time is None else time.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def status(value: str) -> Text:
    """A status in its colour."""
    return cell(value, STATUS_STYLES.get(value, ""))


def facts(rows: Iterable[tuple[str, object]]) -> Table:
    """A table of names and values; rows without a value are left out."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value is not None and value != "":
            table.add_row(name, value if isinstance(value, Text) else cell(_readable(value)))
    return table


def _readable(value: object) -> object:
    """`[{name, type}]` as `name (type), …`; other lists joined; anything else as it is."""
    if isinstance(value, list | tuple):
        return ", ".join(plain(_readable(part)) for part in value)
    if isinstance(value, Mapping) and set(value) == {"name", "type"}:
        return f"{value['name']} ({value['type']})"
    return "tab" if value == "\t" else value


def jobs_table(jobs: Iterable[Summary]) -> Table:
    """Jobs as a list, in the order given."""
    table = Table(pad_edge=False, box=None, header_style="bold")
    table.add_column("ID", no_wrap=True)
    for title in ("STATUS", "TYPE", "PROJECT"):
        table.add_column(title)
    table.add_column("PROGRESS", justify="right")
    table.add_column("CREATED", no_wrap=True)
    table.add_column("BY", overflow="fold")
    for job in jobs:
        created = cell(local_time(job.created_at))
        by = cell(job.created_by_name or job.created_by)
        project = cell(job.project_name or job.project_id)
        table.add_row(cell(job.id), status(job.status), cell(job.type), project, cell(f"{job.progress} %"), created, by)
    return table


def job_table(job: Job) -> Table:
    """All that a person wants to know of one job."""
    reports = [f"{report.name} ({report.size_bytes:,} bytes)" for report in job.reports]
    error = f"{job.error} [{job.error_code}]" if job.error_code else job.error
    return facts(
        [
            ("ID", job.id),
            ("Type", job.type),
            ("Project", job.project_name or job.project_id),
            ("Status", status(job.status)),
            ("Progress", f"{job.progress} %"),
            ("Run", job.run),
            ("Attempt", job.attempt or None),
            ("Error", error),
            ("Details", job.error_details),
            ("Created", local_time(job.created_at)),
            ("Started", local_time(job.started_at)),
            ("Ended", local_time(job.completed_at)),
            ("By", job.created_by_name or job.created_by),
            *_entries("Parameter", job.params),
            *_entries("Result", _facts_of(job)),
            ("Reports", reports or None),
        ]
    )


def events_table(events: Iterable[Event]) -> Table:
    """A job's story, in the order given."""
    table = Table(pad_edge=False, box=None, header_style="bold")
    table.add_column("TIME", no_wrap=True)
    table.add_column("WHAT", no_wrap=True)
    for title in ("RUN", "ATTEMPT"):
        table.add_column(title, justify="right")
    for title in ("BY", "ERROR"):
        table.add_column(title, overflow="fold")
    for event in events:
        error = f"{event.error} [{event.error_code}]" if event.error else None
        values = (event.type, event.run, event.attempt, event.by, error)
        table.add_row(cell(local_time(event.at)), *map(cell, values))
    return table


def dead_letters_table(letters: Iterable[DeadLetter]) -> Table:
    """Jobs that no worker could begin, in the order given."""
    table = Table(pad_edge=False, box=None, header_style="bold")
    for title in ("ID", "TYPE", "RUN", "GIVEN UP", "BY"):
        table.add_column(title, no_wrap=title == "ID")
    for letter in letters:
        values = (letter.id, letter.type, letter.run, local_time(letter.dead_at))
        table.add_row(*map(cell, (*values, letter.created_by_name or letter.created_by)))
    return table


def datasets_table(datasets: Iterable[Dataset]) -> Table:
    """Datasets, in the order given."""
    table = Table(pad_edge=False, box=None, header_style="bold")
    table.add_column("NAME", no_wrap=True)
    return _with_versions(table, ((cell(dataset.name), dataset) for dataset in datasets))


def versions_table(versions: Iterable[DatasetVersion]) -> Table:
    """Versions of a dataset, in the order given."""
    return _with_versions(Table(pad_edge=False, box=None, header_style="bold"), ((None, each) for each in versions))


def links_table(links: Iterable[Link]) -> Table:
    """Links of a job, in the order given."""
    table = Table(pad_edge=False, box=None, header_style="bold")
    table.add_column("ID", no_wrap=True)
    table.add_column("REPORT", overflow="fold")
    table.add_column("USED", justify="right")
    for title in ("LAST USE", "UNTIL", "BY", "REVOKED BY"):
        table.add_column(title, overflow="fold")
    for link in links:
        times = (local_time(link.last_download_at), local_time(link.expires_at))
        values = (link.id, link.report, link.downloads, *times, link.created_by_name, link.revoked_by_name)
        table.add_row(*map(cell, values))
    return table


def link_table(link: Link) -> Table:
    """A link that was revoked."""
    revoked = (f"{local_time(link.revoked_at)} by {link.revoked_by_name}") if link.revoked_at else None
    return facts([("link", link.id), ("report", link.report), ("used", link.downloads), ("revoked", revoked)])


def _with_versions(table: Table, rows: Iterable[tuple[Text | None, DatasetVersion]]) -> Table:
    for title in ("VERSION", "ROWS"):
        table.add_column(title, justify="right")
    for title in ("CREATED", "JOB", "BY"):
        table.add_column(title, no_wrap=title != "BY", overflow="fold")
    for name, each in rows:
        values = (each.version, f"{each.rows:,}", local_time(each.created_at), each.job_id, each.created_by_name)
        table.add_row(*(() if name is None else (name,)), *map(cell, values))
    return table


def result_table(job: Job, saved_as: str = "") -> Table:
    """What a job gave, and the files that were saved from it."""
    state = status(job.status)
    return facts([("job", job.id), ("status", state), *_entries("", _facts_of(job)), ("saved as", saved_as)])


def _entries(title: str, value: object) -> list[tuple[str, object]]:
    """A row for each entry of an object, also of one within, or one row for any other JSON: it is the type's own."""
    if not isinstance(value, Mapping):
        return [(title or "result", value)]
    return [row for name, part in value.items() for row in _entries(plain(f"{title} {name}".strip()), part)]


def _facts_of(job: Job) -> object:
    """The job's result without the list that has a table of its own, if it has one."""
    if not isinstance(job.result, Mapping):
        return job.result
    return {name: value for name, value in job.result.items() if name not in LISTS.get(job.type, ())}


def outcomes_table(outcomes: Sequence[Outcome]) -> Table:
    """How many jobs went which way, and each one that was refused with its reason."""
    counts = Counter(outcome.outcome for outcome in outcomes)
    refused = [(f"refused {one.id}", f"{one.error} [{one.error_code}]") for one in outcomes if one.outcome == "refused"]
    return facts([*counts.items(), *refused] or [("jobs", 0)])


def me_table(me: Me) -> Table:
    """Who calls, and what it may do where."""
    who = [("user", me.name), ("id", me.id), ("admin", "yes" if me.is_admin else None)]
    return facts([*who, *((_project(each), each.role) for each in me.projects)])


def _project(each: Membership) -> str:
    return plain(each.name if each.name == each.id else f"{each.name} ({each.id})")


def stats_table(stats: Stats) -> Table:
    """How many jobs are in each status."""
    names: dict[str, Any] = vars(stats)
    return facts(names.items())
