"""Dates, times and durations: numbers of days whose number format says so, or ISO 8601 texts."""

import re
from datetime import date, timedelta
from math import inf
from typing import Final, override

from jobmill.tables.workbook.number_formats import Kind
from jobmill.tables.workbook.values import Conversion, number_text, text_cell

_DAY_MILLISECONDS: Final = 86_400_000
_LAST_SERIAL: Final = 2_958_466  # 10000-01-01
_LAST_SERIAL_1904: Final = _LAST_SERIAL - 1_462
_MAX_KNOWN: Final = 50_000
_ISO: Final = re.compile(r"(\d{4}-\d\d-\d\d)?T?(?:(\d\d:\d\d(?::\d\d)?)(\.\d+)?)?Z?", re.ASCII)


class Serials(Conversion):
    """Days since 1900 or 1904, with their part as the time; to the millisecond, which is what Excel keeps.

    A date with a time is written with it, whatever the format shows. A number that is no day is written as a number:
    those before 1 January 1900, among them the zeros that a reference to an empty cell gives.
    """

    def __init__(self, kind: Kind, mark: str, *, is_1904: bool) -> None:
        self._kind = kind
        self._mark = mark
        self._is_1904 = is_1904
        self._ends = _LAST_SERIAL_1904 if is_1904 else _LAST_SERIAL
        self._known: dict[str, str] = {"": ""}
        self._days: dict[int, str] = {}
        self._clocks: dict[int, str] = {}

    @override
    def cell(self, text: str) -> str:
        """Days repeat in a table, so what was converted is kept for a while."""
        cell = self._known.get(text)
        if cell is None:
            if len(self._known) > _MAX_KNOWN:
                self._known = {"": ""}
            self._known[text] = cell = self._converted(text)
        return cell

    def _converted(self, text: str) -> str:
        try:
            number = float(text)
        except ValueError:
            number = inf
        if "_" in text or not abs(number) < self._ends:
            return self._mark + number_text(text)
        if self._kind is Kind.DURATION:
            return _duration(number)
        day, milliseconds = divmod(round(number * _DAY_MILLISECONDS), _DAY_MILLISECONDS)
        if day == 0 and (self._kind is Kind.TIME or (milliseconds and not self._is_1904)):
            return self._mark + self._clock(milliseconds)
        if not (0 if self._is_1904 else 1) <= day < self._ends:
            return self._mark + number_text(text)
        if milliseconds or self._kind is not Kind.DATE:
            return f"{self._mark}{self._day(day)} {self._clock(milliseconds)}"
        return self._mark + self._day(day)

    def _day(self, serial: int) -> str:
        known = self._days.get(serial)
        if known is None:
            known = self._days[serial] = _day(serial, self._is_1904)
        return known

    def _clock(self, milliseconds: int) -> str:
        seconds, rest = divmod(milliseconds, 1000)
        known = self._clocks.get(seconds)
        if known is None:
            known = self._clocks[seconds] = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return f"{known}.{rest:03}000" if rest else known


class IsoTexts(Conversion):
    """Dates as texts, as strict workbooks may have them; `kind` is their number format's."""

    def __init__(self, kind: Kind, mark: str) -> None:
        self._kind = kind
        self._mark = mark

    @override
    def cell(self, text: str) -> str:
        found = _ISO.fullmatch(text.strip())
        day, clock, fraction = found.groups() if found else (None, None, None)
        if not (day or clock):
            return text_cell(text)
        clock = clock and (clock if len(clock) == 8 else clock + ":00")
        microseconds = fraction[1:7].ljust(6, "0") if fraction else "000000"
        if microseconds != "000000":
            clock = f"{clock}.{microseconds}"
        elif day and clock == "00:00:00" and self._kind is Kind.DATE:
            clock = None
        return self._mark + " ".join(part for part in (day, clock) if part)


def _day(serial: int, is_1904: bool) -> str:
    if is_1904:
        return (date(1904, 1, 1) + timedelta(serial)).isoformat()
    if serial == 60:  # Excel takes 1900 for a leap year, and so has this day
        return "1900-02-29"
    return (date(1899, 12, 31 if serial < 60 else 30) + timedelta(serial)).isoformat()


def _duration(days: float) -> str:
    seconds = round(abs(days) * 86_400)
    return f"{'-' if days < 0 else ''}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
