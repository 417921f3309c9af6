"""What the job types of Jobmill found, as tables: the errors of rows, the rules that are broken, the steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from jobmill_client.cli.display import LISTS, cell, facts, status
from jobmill_client.models import Job, JsonObject

MOST_ERRORS = 10
"""So many errors of rows are shown; all of them are in the reports."""
STYLES = {"passed": "green", "failed": "red", "skipped": "yellow"}


def with_findings(table: RenderableType, job: Job) -> RenderableType:
    """The table, and under it what the job found."""
    found = findings(job)
    return Group(table, Text(), *found) if found else table


def findings(job: Job) -> list[RenderableType]:
    """What the job found, if it is of one of Jobmill's types, and has ended well."""
    result = job.result if isinstance(job.result, Mapping) else {}
    if job.type not in _FINDINGS:
        return []
    (name,) = LISTS[job.type]
    listed = result.get(name)
    entries = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    return _FINDINGS[job.type](entries, result) if entries else []


def row_errors(entries: Sequence[JsonObject], bad_rows: int) -> list[RenderableType]:
    """The first errors, and how many of the bad rows have none among them."""
    shown = entries[:MOST_ERRORS]
    table = _table("ROW", "FIELD", "MESSAGE", numbers=("ROW",))
    for each in shown:
        table.add_row(cell(each.get("row")), cell(each.get("field")), cell(each.get("message")))
    more = bad_rows - len({each.get("row") for each in shown})
    if more > 0:
        return [table, Text(f"… and {more:,} more bad {'row' if more == 1 else 'rows'}")]
    return [table, Text("… and more errors in these rows")] if len(entries) > len(shown) else [table]


def verdict(job: Job, saved_as: str) -> Table:
    """What a validation says of the dataset as a whole."""
    result = job.result if isinstance(job.result, Mapping) else {}
    is_valid = bool(result.get("valid"))
    return facts(
        [
            ("job", job.id),
            ("status", status(job.status)),
            ("dataset", f"{result.get('dataset')}, version {result.get('version')}"),
            ("rows checked", result.get("rowsChecked")),
            ("verdict", cell("valid", "green") if is_valid else cell("not valid", "red")),
            ("errors", result.get("errors")),
            ("saved as", saved_as),
        ]
    )


def _row_errors(entries: list[JsonObject], result: JsonObject) -> list[RenderableType]:
    errors = result.get("errors")
    return row_errors(entries, errors if isinstance(errors, int) else 0)


def _broken_rules(entries: list[JsonObject], _: JsonObject) -> list[RenderableType]:
    """The rules that are broken, and how many are not."""
    broken = [each for each in entries if each.get("errors")]
    kept = len(entries) - len(broken)
    said = Text(f"{kept:,} {'rule holds' if kept == 1 else 'rules hold'}")
    if not broken:
        return [said]
    table = _table("FIELD", "RULE", "ERRORS", numbers=("ERRORS",))
    for each in broken:
        rule = f"{each.get('rule')}: {each['name']}" if each.get("name") else each.get("rule")
        table.add_row(cell(each.get("field")), cell(rule), cell(f"{each['errors']:,}"))
    return [table, said]


def _steps(entries: list[JsonObject], _: JsonObject) -> list[RenderableType]:
    table = _table("STEP", "STATUS", "EXPECTED", "ACTUAL", "MESSAGE")
    for each in entries:
        ended = str(each.get("status"))
        texts = (each.get("expected"), each.get("actual"), each.get("message"))
        table.add_row(cell(each.get("name")), cell(ended, STYLES.get(ended, "")), *map(cell, texts))
    return [table]


def _table(*titles: str, numbers: Iterable[str] = ()) -> Table:
    table = Table(pad_edge=False, box=None, header_style="bold")
    for title in titles:
        table.add_column(title, justify="right" if title in numbers else "left", overflow="fold")
    return table


_FINDINGS: dict[str, Callable[[list[JsonObject], Any], list[RenderableType]]] = {
    "Import": _row_errors,
    "Validation": _broken_rules,
    "TestRun": _steps,
}
