"""What people see of scheduled tasks; `now` is an aware time, for what has an age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from jobmill_client.cli.display import cell, facts, local_time, status
from jobmill_client.task_models import SUSPENDED, Task, TaskData, TaskRun, TaskSchedule, TaskSuspension

STYLES = {"completed": "green", "failed": "red", SUSPENDED: "yellow", "running": "cyan"}
LATE = ("LATE", "bold red")
PLACES = {"storage": "in the file store", "db": "with the task", "none": "not kept"}
TENTHS_BELOW_SECONDS = 10
FEW_COLUMNS = 120
"""With fewer, a list of tasks does not fit as one line each."""


def tasks_table(tasks: Sequence[Task], now: datetime, columns: int) -> RenderableType:
    """Tasks as a list, in the order given, and under it why some are late, suspended or failed.

    Where there are few `columns`, the day stands above the time of day, and schedules are left out.
    """
    table = Table(pad_edge=False, box=None, header_style="bold")
    table.add_column("NAME", no_wrap=True)
    for title, width in (("STATUS", 9), ("ENDED", 10), ("TOOK", None), ("NEXT", 10)):
        table.add_column(title, width=width if columns < FEW_COLUMNS else None, overflow="fold")
    for title in ("DATA", "AGE"):
        table.add_column(title, no_wrap=title == "DATA", overflow="fold")
    is_wide = columns >= FEW_COLUMNS
    if is_wide:
        table.add_column("SCHEDULE", overflow="fold")
    for task in tasks:
        words = [_words(task.schedule)] if is_wide else []
        table.add_row(cell(task.name), task_status(task), *map(cell, (*_columns(task, now), *words)))
    reasons = _reasons_table(tasks)
    return Group(table, Text(), reasons) if reasons.row_count else table


def task_table(task: Task, runs: Iterable[TaskRun], now: datetime) -> RenderableType:
    """All that a person wants to know of one task, and its last runs, in the order given."""
    table = facts(
        [
            ("Task", task.name),
            ("Status", task_status(task)),
            *(("Late", reason) for reason in task.late_reasons),
            ("Suspended", _suspension(task.suspension)),
            ("Error", task.error),
            ("Schedule", _schedule(task.schedule)),
            ("Next run", _next(task.schedule)),
            ("Last slot", local_time(task.fired_at)),
            ("Started", local_time(task.started_at)),
            ("Ended", local_time(task.completed_at)),
            ("Took", _took(task, now)),
            ("Changed", local_time(task.updated_at)),
            ("Source", task.source),
            ("Job", task.job_id),
            ("Data", _data(task.data, now)),
            ("Data saved", local_time(task.data.saved_at) if task.data else None),
            ("Fresh for", None if task.fresh_for_seconds is None else span(task.fresh_for_seconds)),
            ("Run limit", span(task.run_limit_seconds)),
            ("Skipped", _skipped(task)),
        ]
    )
    listed = _runs_table(runs)
    return Group(table, Text(), listed) if listed.row_count else table


def change_table(task: Task) -> Table:
    """What a suspension or its end made of a task."""
    return facts(
        [
            ("task", task.name),
            ("status", task_status(task)),
            ("suspended", _suspension(task.suspension)),
            ("next run", _next(task.schedule)),
        ]
    )


def task_status(task: Task) -> Text:
    """The status in its colour, with marks for one that is late, or suspended beside it."""
    found = cell(task.status or "not run yet", STYLES.get(task.status or "", ""))
    if task.is_suspended and task.status != SUSPENDED:
        found.append(" ").append("suspended", STYLES[SUSPENDED])
    return found.append(" ").append(*LATE) if task.is_late else found


def span(seconds: float) -> str:
    """A length of time in its two largest units: `3.2s`, `42s`, `5min 3s`, `3h 5min`, `2d`; none is below 0."""
    if round(seconds, 1) < TENTHS_BELOW_SECONDS:
        return f"{max(seconds, 0.0):.1f}s"
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (left, "s")]
    largest = next(number for number, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count}{unit}" for count, unit in parts[largest : largest + 2] if count)


def _columns(task: Task, now: datetime) -> tuple[str, ...]:
    version, age = (f"v{task.data.version}", _age(task.data, now)) if task.data else ("", "")
    return local_time(task.completed_at), _took(task, now), _next(task.schedule), version, age


def _reasons_table(tasks: Iterable[Task]) -> Table:
    table = Table(pad_edge=False, box=None, show_header=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for task in tasks:
        marks = [(*LATE, reason) for reason in task.late_reasons]
        if task.suspension and task.suspension.reason:
            marks.append(("suspended", STYLES[SUSPENDED], task.suspension.reason))
        if task.status == "failed" and task.error:
            marks.append(("failed", STYLES["failed"], task.error))
        for mark, style, reason in marks:
            table.add_row(cell(task.name), cell(mark, style), cell(reason))
    return table


def _runs_table(runs: Iterable[TaskRun]) -> Table:
    """Runs, each with the slot that it is of, or the time at which somebody wanted it."""
    table = Table(pad_edge=False, box=None, header_style="bold")
    table.add_column("RUN'S JOB", no_wrap=True)
    for title in ("STATUS", "SOURCE", "TIME", "TOOK"):
        table.add_column(title, overflow="fold")
    for run in runs:
        state = status(run.status)
        if run.status == "Running":
            state.append(f" {run.progress} %")
        ended = run.completed_at and run.started_at and span((run.completed_at - run.started_at).total_seconds())
        table.add_row(cell(run.job_id), state, *map(cell, (run.source, local_time(run.slot or run.created_at), ended)))
    return table


def _took(task: Task, now: datetime) -> str:
    """How long the last run took; of one that goes on, how long it has."""
    if task.status == "running" and task.started_at:
        return f"{span((now - task.started_at).total_seconds())} so far"
    return "" if task.duration_seconds is None else span(task.duration_seconds)


def _age(data: TaskData, now: datetime) -> str:
    return span((now - data.saved_at).total_seconds())


def _data(data: TaskData | None, now: datetime) -> str | None:
    if data is None:
        return None
    records = None if data.records is None else f"{data.records:,} {'record' if data.records == 1 else 'records'}"
    size = None if data.size_bytes is None else f"{data.size_bytes:,} bytes"
    place = PLACES.get(data.saved_in, data.saved_in)
    said = (f"version {data.version}", f"{_age(data, now)} old", records, size, place)
    return ", ".join(part for part in said if part)


def _next(schedule: TaskSchedule | None) -> str:
    if schedule is None:
        return "none seen"
    return local_time(schedule.next_at) if schedule.is_enabled else "off"


def _words(schedule: TaskSchedule | None) -> str:
    return (schedule.words or schedule.expression) if schedule else ""


def _schedule(schedule: TaskSchedule | None) -> str | None:
    if schedule is None:
        return None
    exact = f"{schedule.expression} in {schedule.time_zone}"
    return f"{schedule.words} ({exact})" if schedule.words else exact


def _suspension(suspension: TaskSuspension | None) -> str | None:
    if suspension is None:
        return None
    since = f"since {local_time(suspension.since)}" if suspension.since else "yes"
    by = f" by {suspension.by}" if suspension.by else ""
    return f"{since}{by}: {suspension.reason}" if suspension.reason else f"{since}{by}"


def _skipped(task: Task) -> str | None:
    if task.skipped is None:
        return None
    starts = "start" if task.skipped.count == 1 else "starts"
    last = local_time(task.skipped.last_at)
    return f"{task.skipped.count:,} {starts} while it ran, the last {last} (job {task.skipped.job_id})"
