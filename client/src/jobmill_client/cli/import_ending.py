"""How an import ended: its counts, the first bad rows, and how they are sent back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import typer
from rich.console import Group

from jobmill_client.cli.call import Call
from jobmill_client.cli.display import result_table
from jobmill_client.cli.file_commands import saved_report
from jobmill_client.cli.findings import MOST_ERRORS, row_errors, with_findings
from jobmill_client.client import Client
from jobmill_client.errors import JobmillError
from jobmill_client.models import Job, JsonObject
from jobmill_client.row_errors import ROWS_TO_CORRECT


@dataclass(frozen=True)
class Ending:
    """Tells of the import of `file`. Rows to correct are saved as or in `target` (None: in the current folder)."""

    call: Call
    client: Client
    file: Path
    target: Path | None

    def answer(self, job: Job) -> None:
        """Say what became of a completed import; save the rows to correct, if there are some.

        Exits with 1 if they could not be saved.
        """
        result = job.result if isinstance(job.result, Mapping) else {}
        is_listed = _lists_rows(job)
        saved = self._saved(job) if is_listed else None
        self.call.answer(_document(job, saved), with_findings(result_table(job), job))
        if is_listed:
            bad, rows = result.get("errors", 0), result.get("recordsProcessed", 0)
            said = "row is bad, and was" if bad == 1 else "rows are bad, and were"
            self.call.note(f"Warning: {bad:,} of {rows:,} {said} left out.")
        if saved:
            self._say_how_to_send_back(job, saved)
        elif is_listed:
            raise typer.Exit(1)

    def explained(self, job: Job) -> Job:
        """Show the first bad rows of an import that failed, and save them; the job as it is to be told of."""
        saved = self._saved(job) if _lists_rows(job) else None
        if saved is None:
            return job
        self._show_errors(job)
        params = job.params if isinstance(job.params, Mapping) else {}
        if params.get("continues"):
            self._say_how_to_send_back(job, saved)
        else:
            self.call.note(f"The bad rows, explained: {saved}")
            self.call.note(f"No row was taken. Correct {self.file.name}, and import it again.")
        return replace(job, raw=_document(job, saved))

    def _saved(self, job: Job) -> Path | None:
        report = job.report(ROWS_TO_CORRECT)
        try:
            return saved_report(self.call, self.client, job, report, _free_path(self.file, self.target))
        except (JobmillError, OSError) as error:
            self.call.note(f"Warning: {report.name} was not saved: {error}")
            self.call.note(f"Get it by: {shlex.join(['jobmill', 'download', job.id, report.name])}")
            return None

    def _show_errors(self, job: Job) -> None:
        """The result of a failed job is not kept, so its errors are read from its report."""
        first: list[JsonObject] = []
        bad_rows, last = 0, None
        for error in self.client.row_errors(job):
            bad_rows, last = bad_rows + (error.row != last), error.row
            # One more than is shown tells that there are more.
            if len(first) <= MOST_ERRORS:
                first.append(vars(error))
        self.call.err.print(Group(*row_errors(first, bad_rows)))

    def _say_how_to_send_back(self, job: Job, saved: Path) -> None:
        command = ["jobmill", "import", str(saved), "--continues", job.id]
        for name in ("url", "user", "project"):
            if value := getattr(self.call.options, name):
                command += [f"--{name}", value]
        self.call.note(f"Rows to correct: {saved}")
        self.call.note(f"Correct them, and send them back: {shlex.join(command)}")


def _lists_rows(job: Job) -> bool:
    return any(report.name == ROWS_TO_CORRECT for report in job.reports)


def _document(job: Job, saved: Path | None) -> JsonObject:
    """The job as the API gives it, and where its rows to correct are."""
    return job.raw if saved is None else {**job.raw, "errorsFile": str(saved)}


def _free_path(file: Path, target: Path | None) -> Path:
    """`target`, or in that folder (None: the current one) the first free name made of the file's.

    Corrections of `a-errors.xlsx` are `a-errors-2.xlsx`: nobody's corrected rows are written over.
    """
    folder = target or Path()
    if not folder.is_dir():
        return folder
    stem = re.sub(r"-errors(-\d+)?$", "", file.stem)
    names = (f"{stem}-errors{f'-{number}' if number > 1 else ''}.xlsx" for number in count(1))
    return next(path for name in names if not (path := folder / name).exists())
