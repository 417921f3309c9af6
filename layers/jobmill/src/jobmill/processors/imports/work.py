"""The work of one attempt at an import: it reads what none before it has read, then publishes all of it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from jobmill.errors import CallerError, Unprocessable
from jobmill.json_values import Json
from jobmill.processing.context import Context
from jobmill.processing.registry import Result
from jobmill.processors.imports.columns import ignored, plan_of
from jobmill.processors.imports.error_reports import first_errors, report_errors, row_numbers
from jobmill.processors.imports.order import order_of
from jobmill.processors.imports.params import ImportParams
from jobmill.processors.imports.publication import publish
from jobmill.processors.imports.source import Source, kept, open_source
from jobmill.schemas.patterns import check_patterns
from jobmill.tables.bad_rows import OWN_HEADERS
from jobmill.tables.columns import Table
from jobmill.tables.csv_plan import Plan
from jobmill.tables.csv_position import Position
from jobmill.tables.csv_reader import CsvReading, Step

READ_SHARE = 80
"""Per cent of the progress that reading the file and storing its parts takes; publishing takes the rest."""


@dataclass
class BadPart:
    """A file of bad rows: here, or kept under a key, or both."""

    path: Path | None = None
    key: str | None = None


class Work:
    """One attempt, from its checkpoint on."""

    def __init__(self, context: Context[ImportParams], connection: duckdb.DuckDBPyConnection) -> None:
        self._context = context
        self._order = order_of(context)
        saved = self._saved()
        self._connection = connection
        if self._order.schema:
            check_patterns(self._connection, self._order.schema)
        self._upload, self._source = self._open(saved.get("source"), saved.get("upload"))
        self._keys: list[str] = list(saved.get("parts", ()))
        self._bad_parts = [BadPart(key=key) for key in saved.get("badParts", ())]
        self._plan = self._plan_of()
        since = Position.from_json(saved["position"]) if saved else None
        self._reading = CsvReading(
            self._connection, self._source.text, self._source.layout, self._plan, since, self._tell
        )

    def read(self) -> None:
        """Read the file to its end, or until more of its rows are bad than may be."""
        for step in self._reading.steps():
            self._store(step)
            if self._reading.position.bad_rows > self._context.params.max_errors:
                return
            # What has no base can be published in any case; corrections are read in one go.
            if (not self._reading.is_complete or self._order.base) and not self._plan.corrections:
                self._checkpoint()

    def publish(self) -> Result:
        """Explain the bad rows, and publish the others if that may be."""
        bad_files = [self._bad_file(number) for number in range(len(self._bad_parts))]
        bad_rows, table = self._reading.position.bad_rows, self._table()
        if bad_files:
            self._context.progress(READ_SHARE, 100, "Explaining the bad rows")
            can_continue = self._order.is_correction or isinstance(table, Table)
            report_errors(self._context, self._source.layout.names, bad_files, bad_rows, can_continue=can_continue)
        if isinstance(table, CallerError):
            raise table
        self._context.progress(READ_SHARE + 10, 100, f"Publishing {table.rows:,} rows")
        corrections = self._plan.corrections
        open_rows = corrections.open_rows if corrections else row_numbers(bad_files)
        still_open = {self._order.job_id: open_rows} if open_rows or corrections else {}
        publish(self._context, self._connection, self._order, table, self._plan, self._keys, still_open)
        return self._result(table) | {"firstErrors": first_errors(bad_files)} | self._source.found()

    def _result(self, table: Table) -> dict[str, Json]:
        corrections = self._plan.corrections
        already_in = {"alreadyIn": corrections.already_in} if corrections else {}
        own = OWN_HEADERS if corrections else ()
        return {
            "recordsProcessed": table.rows + table.bad_rows + (corrections.already_in if corrections else 0),
            "recordsCreated": table.rows,
            "errors": table.bad_rows,
            "columns": [{"name": column.name, "type": column.type} for column in table.columns],
            "ignoredColumns": [name for name in ignored(self._plan, self._source.layout) if name not in own],
            **already_in,
        }

    def _table(self) -> Table | CallerError:
        """What was read, or why none of it is taken."""
        try:
            self._refuse(self._reading.position.bad_rows)
            return self._reading.table()
        except CallerError as error:
            return error

    def _refuse(self, bad_rows: int) -> None:
        params = self._context.params
        if bad_rows > params.max_errors:
            raise CallerError(
                "too-many-errors",
                f"More than {params.max_errors:,} rows are bad, so none was taken. errors.xlsx explains some.",
            )
        if bad_rows and params.on_error == "all-or-nothing":
            rows = "One row is bad, so none was" if bad_rows == 1 else f"{bad_rows:,} rows are bad, so none were"
            raise CallerError("rows-rejected", f"{rows} taken; errors.xlsx says of each why.")

    def _saved(self) -> dict[str, Any]:
        """What the last checkpoint saved; nothing if the dataset has changed since, and that counts for the rows."""
        saved: Any = self._context.state
        base = self._base_version()
        if saved is None:
            return {}
        is_other = saved["base"] != base and (self._order.has_unique_fields or None in (saved["base"], base))
        return {} if is_other or saved["rules"] != self._rules_digest() else dict(saved)

    def _rules_digest(self) -> str:
        """Another one for other columns, types or rules: rows that were read by those do not count."""
        rules = self._order.schema.to_json() if self._order.schema else None
        return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()

    def _base_version(self) -> int | None:
        return self._order.base[0].version if self._order.base else None

    def _open(self, saved: Any, upload: str | None) -> tuple[str, Source]:
        """The source, and what changes when somebody sends its file again.

        Raises Unprocessable `upload-changed` if that has happened since the last checkpoint, or while it is fetched.
        """
        upload_id = self._context.params.upload_id
        # Sent again around the download, the file is noticed either way: by the next slice, or by this one.
        before = self._context.input_version(upload_id) if upload is None else None
        source = open_source(self._context, self._order.csv, saved, marks_native=self._order.schema is not None)
        now = before or self._context.input_version(upload_id)
        if upload not in (None, now):
            raise Unprocessable(
                "upload-changed",
                "The file was uploaded again while it was being read. Retry the job to import the new one.",
                field="params.uploadId",
            )
        return now, source

    def _plan_of(self) -> Plan:
        order, source = self._order, self._source
        base_keys = order.base[1].parts if order.base and order.has_unique_fields else ()
        base_parts = self._context.fetch_parts(base_keys)
        origin, is_workbook = self._context.job.id, source.sheet is not None
        plan = plan_of(order, source.layout, origin, base_parts, has_native_cells=is_workbook)
        if order.has_unique_fields:
            plan.earlier.extend(str(path) for path in self._context.fetch_parts(self._keys))
        return plan

    def _store(self, step: Step) -> None:
        position, number = self._reading.position, len(self._keys)
        if step.part:
            self._keys.append(self._context.store_part(step.part, number))
            if self._order.has_unique_fields:
                self._plan.earlier.append(str(step.part.rename(self._context.workspace / f"earlier-{number}.parquet")))
            else:
                step.part.unlink()
        if step.bad_part:
            name = f"bad-{len(self._bad_parts)}.jsonl"
            self._bad_parts.append(BadPart(step.bad_part.rename(self._context.workspace / name)))
        del self._keys[position.parts :]
        del self._bad_parts[position.bad_parts :]

    def _checkpoint(self) -> None:
        self._source = kept(self._source, self._context)
        for part in self._bad_parts:
            if part.key is None and part.path is not None:
                part.key = self._context.keep_piece(part.path, part.path.name)
        self._context.checkpoint(
            {
                "upload": self._upload,
                "source": self._source.to_json(),
                "base": self._base_version(),
                "rules": self._rules_digest(),
                "position": self._reading.position.to_json(),
                "parts": [*self._keys],
                "badParts": [part.key for part in self._bad_parts],
            }
        )

    def _bad_file(self, number: int) -> Path:
        part = self._bad_parts[number]
        if part.path is None:
            assert part.key is not None
            part.path = self._context.fetch_piece(part.key, f"bad-{number}.jsonl")
        return part.path

    def _tell(self, done: int, total: int) -> None:
        self._context.progress(READ_SHARE * done, 100 * total, "Reading the file")
