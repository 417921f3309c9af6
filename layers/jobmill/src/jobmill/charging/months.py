"""The workbooks of charging: of each month that changed, its CDRs as the dataset has them, judged and added up."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobmill.ocpi.cdr_checks import issues, pairs
from jobmill.ocpi.objects import Key, key_of
from jobmill.ocpi.rows import CDR_COLUMNS, cdr_of
from jobmill.ocpi.totals import Totals
from jobmill.processing.context import Context
from jobmill.reports.charging_workbook import CDR_FIELDS, ChargingMonth, IssueRow, write_month
from jobmill.tables.engine import identifier, literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAX_MONTHS = 24
"""The newest, of a run that collects a long history."""
_ROWS_AT_ONCE = 1000


def write_months(
    context: Context[Any], connection: "DuckDBPyConnection", parts: Sequence[Path], months: Sequence[str], invalid: int
) -> None:
    """Have the job list `charging-{month}.xlsx` of these months (`2026-01`), at most 24. `invalid` came in this run."""
    for month in months[-MAX_MONTHS:]:
        context.check_cancelled()
        target = context.workspace / f"charging-{month}.xlsx"
        write_month(target, month, _Month(connection, parts, month).report(invalid))
        context.report(target, target.name, "charging")


class _Month:
    """The CDRs of a month, read from the parts as often as they are needed."""

    def __init__(self, connection: "DuckDBPyConnection", parts: Sequence[Path], month: str) -> None:
        self._connection = connection
        files = ", ".join(literal(str(part)) for part in parts)
        year, number = map(int, month.split("-"))
        begin, end = date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)
        self._all = f"read_parquet([{files}])"
        self._span = f"end_date_time >= TIMESTAMP '{begin}' AND end_date_time < TIMESTAMP '{end}'"

    def report(self, invalid: int) -> ChargingMonth:
        """What the workbook tells."""
        totals, number = Totals(), 0
        for cdr in self._cdrs():
            totals.add(cdr)
            number += 1
        credits = list(self._cdrs("credit"))
        found = pairs(credits, self._referred(credits))
        wrong = {pair.key: pair.issues for pair in found}

        def issue_rows() -> Iterator[IssueRow]:
            for cdr in self._cdrs():
                key = key_of(cdr)
                for issue in (*issues(cdr), *wrong.get(key, ())):
                    yield (*key, issue.code, issue.field, issue.sentence)

        return ChargingMonth(
            about=[("Invalid objects in this run, left out (quarantined.json)", invalid)],
            totals=[astuple(line) for line in totals.lines()],
            gaps=[(each.country_code, each.party_id, each.month, each.first, each.last, each.missing)
                  for each in totals.gaps()],
            credits=[pair.cells() for pair in found],
            issues=issue_rows,
            cdrs=lambda: self._rows(CDR_FIELDS),
            cdr_rows=number,
        )  # fmt: skip

    def _rows(self, names: Iterable[str], where: str = "true", source: str = "") -> Iterator[tuple[Any, ...]]:
        """The rows of the month, in the order of their ends."""
        columns = ", ".join(map(identifier, names))
        result = self._connection.cursor().execute(
            f"SELECT {columns} FROM {source or self._all} WHERE {(source and 'true') or self._span} AND ({where})"
            " ORDER BY end_date_time, country_code, party_id, id"
        )
        while rows := result.fetchmany(_ROWS_AT_ONCE):
            yield from rows

    def _cdrs(self, where: str = "true") -> Iterator[dict[str, Any]]:
        names = [column.name for column in CDR_COLUMNS]
        return (cdr_of(row) for row in self._rows(names, where))

    def _referred(self, credits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The CDRs that the credits take back, of any month."""
        wanted = {_referred_key(credit) for credit in credits}
        if not wanted:
            return []
        names = [column.name for column in CDR_COLUMNS]
        ids = ", ".join(literal(key[2]) for key in sorted(wanted))
        rows = self._rows(names, f"id IN ({ids})", self._all)
        return [cdr for row in rows if key_of(cdr := cdr_of(row)) in wanted]


def _referred_key(credit: dict[str, Any]) -> Key:
    country_code, party_id, _ = key_of(credit)
    return country_code, party_id, str(credit.get("credit_reference_id") or "")
