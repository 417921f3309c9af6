"""Which texts are values of a type, and which."""

from datetime import date, datetime
from typing import Any

import pytest

from jobmill.tables.rules import MARK

from .tables import Bench

LEAP = date(2024, 2, 29)
NOON = datetime(2024, 2, 29, 12, 0, 0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-0", 0),
        ("007", 7),
        ("+5", 5),
        (" 5 ", 5),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("5.0", None),
        ("5.4", None),
        ("1e3", None),
        ("1_000", None),
        ("0x10", None),
        ("0b1", None),
        ("1 000", None),
        ("٣", None),
        ("true", None),
        ("", None),
        (" ", None),
    ],
)
def test_whole_numbers(bench: Bench, text: str, value: int | None) -> None:
    assert bench.values({"type": "integer"}, text) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("007.50", 7.5),
        ("+5", 5.0),
        (" 5 ", 5.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("-1E-2", -0.01),
        ("1_0.5", None),
        ("+-1", None),
        (" +-1", None),
        ("1,5", None),
        ("NaN", None),
        ("inf", None),
        ("-Infinity", None),
        ("1e400", None),
        ("0x10", None),
        ("--1", None),
    ],
)
def test_numbers(bench: Bench, text: str, value: float | None) -> None:
    assert bench.values({"type": "number"}, text) == [value]


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ({"decimalChar": ","}, "1,5", 1.5),
        ({"decimalChar": ","}, "1.5", None),
        ({"decimalChar": ",", "groupChar": "."}, "1.234.567,5", 1234567.5),
        ({"groupChar": ","}, "1,234.5", 1234.5),
        ({"groupChar": "."}, "1.234,5", 1234.5),
        ({"groupChar": "'"}, "1'234.5", 1234.5),
        ({"decimalChar": "^"}, "1^5", 1.5),
        ({"bareNumber": False}, "€ 95.5 net", 95.5),
        ({"bareNumber": False}, "-95%", -95.0),
        ({"bareNumber": False}, "95.", 95.0),
        ({"bareNumber": False}, "Rs.5", None),
        ({"bareNumber": False}, ".5", None),
        ({"bareNumber": False, "decimalChar": ","}, "Rs.5,5", 5.5),
        ({"bareNumber": False, "groupChar": ","}, "$1,000.5", 1000.5),
        ({"bareNumber": False}, "none", None),
    ],
)
def test_numbers_with_signs_and_words_around(bench: Bench, field: dict[str, Any], text: str, value: Any) -> None:
    assert bench.values({"type": "number"} | field, text) == [value]


def test_the_file_s_decimal_sign_counts_where_the_field_has_none(bench: Bench) -> None:
    assert bench.values({"type": "number"}, "1,5", "1.5", decimal_char=",") == [1.5, None]
    assert bench.values({"type": "number", "decimalChar": "."}, "1,5", "1.5", decimal_char=",") == [None, 1.5]
    assert bench.values({"type": "number", "groupChar": "."}, "1.000,5", decimal_char=",") == [1000.5]


def test_whole_numbers_with_words_around(bench: Bench) -> None:
    field = {"type": "integer", "bareNumber": False, "groupChar": " "}
    assert bench.values(field, "no. 12", "1 000 €", "-7%", "1.5 kg", "x") == [12, 1000, -7, None, None]


def test_truth(bench: Bench) -> None:
    texts = ["true", "True", "TRUE", "1", "false", "0", "t", "yes", " true", "tRUE"]
    assert bench.values({"type": "boolean"}, *texts) == [True] * 4 + [False] * 2 + [None] * 4
    words = {"type": "boolean", "trueValues": ["ja", "{t}", "it's"], "falseValues": ["nein"]}
    assert bench.values(words, "ja", "{t}", "it's", "nein", "true") == [True, True, True, False, None]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-02-29", LEAP),
        ("2024-2-9", date(2024, 2, 9)),
        ("0001-01-01", date(1, 1, 1)),
        ("9999-12-31", date(9999, 12, 31)),
        ("2024-02-30", None),
        ("0000-01-01", None),
        ("12024-01-01", None),
        ("24-02-29", None),
        ("2024/02/29", None),
        ("2024/2/29 ", None),
        (" 2024-02-29", None),
        ("2024-2-29 ", None),
        ("2024-02-29 10:00:00", None),
        ("20240229", None),
        ("infinity", None),
        ("epoch", None),
    ],
)
def test_days(bench: Bench, text: str, value: date | None) -> None:
    assert bench.values({"type": "date"}, text) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-02-29T12:00:00", NOON),
        ("2024-02-29 12:00:00", NOON),
        ("2024-02-29T12:00:00.25", datetime(2024, 2, 29, 12, 0, 0, 250_000)),
        ("2024-02-29 12:00:00.123456", datetime(2024, 2, 29, 12, 0, 0, 123_456)),
        ("2024-02-29T12:00:00Z", NOON),
        ("2024-02-29T13:00:00+01:00", NOON),
        ("2024-02-29 07:00:00-0500", NOON),
        ("0001-01-01T00:00:00", datetime(1, 1, 1)),
        ("9999-12-31T23:59:59", datetime(9999, 12, 31, 23, 59, 59)),
        ("9999-12-31T23:59:59-01:00", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("0000-01-01T00:00:00", None),
        ("2024-02-29T12:00", None),
        ("2024-02-29", None),
        ("2024-02-30T12:00:00", None),
        ("2024-02-29T24:00:00", None),
        ("2024-02-29T12:00:60", None),
        ("2024-02-29T12:00:00.1234567", None),
        ("2024-2-29T12:00:00", None),
        ("2024-2-29T12:00:00\t", None),
        ("2024-2-29T12:00:00 ", None),
        ("2024-2-29 12:00:00 ", None),
        ("\t2024-2-29T12:00:00", None),
        ("2024-02-29 12:00:00 UTC", None),
        ("2024/02/29T12:00:00", None),
        ("12024-02-29 12:00:00", None),
        ("infinity", None),
    ],
)
def test_days_with_times(bench: Bench, text: str, value: datetime | None) -> None:
    assert bench.values({"type": "datetime"}, text) == [value]


@pytest.mark.parametrize(
    ("type", "format", "text", "value"),
    [
        ("date", "%d.%m.%Y", "29.02.2024", LEAP),
        ("date", "%d.%m.%Y", "29.2.2024", LEAP),
        ("date", "%d.%m.%Y", "29.02.24", None),
        ("date", "%d.%m.%Y", "30.02.2024", None),
        ("date", "%d.%m.%Y", " 29.02.2024", None),
        ("date", "%d.%m.%Y", "2024-02-29", None),
        ("date", "%m/%d/%y", "2/29/24", LEAP),
        ("date", "%m/%d/%y", "2/28/69", date(1969, 2, 28)),
        ("date", "%d %B %Y", "29 february 2024", LEAP),
        ("date", "%b %d, %Y", "FEB 29, 2024", LEAP),
        ("date", "%Y%m%d", "20240229", LEAP),
        ("date", "%Y%m%d", "2024229", None),
        ("date", "day{t}'%d %m %Y", "day{t}'29 02 2024", LEAP),
        ("date", "%Y年%m月%d日", "2024年2月29日", LEAP),
        ("date", "%Y-%m-%d", "0000-01-01", None),
        ("datetime", "%d.%m.%Y %H:%M", "29.02.2024 12:00", NOON),
        ("datetime", "%I:%M %p %d.%m.%Y", "12:00 PM 29.02.2024", NOON),
        ("datetime", "%d.%m.%Y %H:%M", "29.02.2024 24:00", None),
        ("time", "%H.%M", "23.59", "23.59"),
        ("time", "%H.%M", "24.00", None),
    ],
)
def test_patterns(bench: Bench, type: str, format: str, text: str, value: Any) -> None:
    assert bench.values({"type": type, "format": format}, text) == [value]


def test_times_years_and_months(bench: Bench) -> None:
    times = ["23:59:00", "23:59:00.5", "24:00:00", "23:59", "9:00:00", "12:00:00Z"]
    assert bench.values({"type": "time"}, *times) == [*times[:2], None, None, None, None]
    assert bench.values({"type": "year"}, "2024", "0099", "99", "-999", " 024") == [2024, 99, None, None, None]
    assert bench.values({"type": "yearmonth"}, "2024-02", "2024-13", "2024-2") == ["2024-02", None, None]


def test_text_stays_as_it_is(bench: Bench) -> None:
    for type in ("string", "any"):
        assert bench.values({"type": type}, " a ", "007", "NA", "", "{t}") == [" a ", "007", "NA", None, "{t}"]


@pytest.mark.parametrize(
    ("format", "good", "bad"),
    [
        ("email", "ann.o'neil+x@mail.example.org", "ann@example"),
        ("email", "ann@bücher.example", "ann smith@example.org"),
        ("uri", "https://example.org/a?b", "example.org/a"),
        ("uuid", "6F9619FF-8B86-D011-B42D-00CF4FC964FF", "6F9619FF8B86D011B42D00CF4FC964F"),
        ("binary", "aGVsbG8=", "hello!"),
    ],
)
def test_texts_of_a_form(bench: Bench, format: str, good: str, bad: str) -> None:
    assert bench.values({"type": "string", "format": format}, good, bad) == [good, None]
    assert bench.wrong({"type": "string", "format": format}, good, bad) == [(2, "type-error")]


def test_missing_values_are_none_and_the_field_s_own_win(bench: Bench) -> None:
    for texts in (["", "NA"], ["", "NA", "-", "n/a", "{c}", "it's"]):
        field = {"type": "integer", "missingValues": texts}
        assert bench.values(field, "1", *texts) == [1] + [None] * len(texts)
        assert bench.wrong(field, *texts) == []
    assert bench.wrong({"type": "integer"}, "NA") == [(1, "type-error")]


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ({"type": "number", "decimalChar": ",", "groupChar": "."}, "1.5", 1.5),
        ({"type": "number"}, "1e-07", 1e-07),
        ({"type": "number"}, "true", None),
        ({"type": "integer"}, "5", 5),
        ({"type": "integer"}, "5.5", None),
        ({"type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]}, "true", True),
        ({"type": "boolean"}, "0", False),
        ({"type": "date", "format": "%d.%m.%Y"}, "2024-02-29", LEAP),
        ({"type": "date"}, "2024-02-29 00:00:00", LEAP),
        ({"type": "date"}, "2024-02-29 12:00:00", None),
        ({"type": "date", "format": "%Y%m%d"}, "20240229", LEAP),
        ({"type": "datetime"}, "2024-02-29", datetime(2024, 2, 29)),
        ({"type": "datetime", "format": "%d.%m.%Y %H:%M"}, "2024-02-29 12:00:00", NOON),
        ({"type": "time"}, "12:00:00", "12:00:00"),
        ({"type": "time", "format": "%H.%M"}, "12:00:00", "12.00"),
        ({"type": "year"}, "2024", 2024),
        ({"type": "yearmonth"}, "2024-02-01", "2024-02"),
        ({"type": "yearmonth"}, "2024-02-02", None),
        ({"type": "string"}, "1.5", "1.5"),
        ({"type": "any", "missingValues": ["-99"]}, "-99", None),
        ({"type": "integer", "missingValues": ["-99"]}, "-99", None),
    ],
)
def test_a_workbook_s_own_cells_are_read_by_their_own_form(
    bench: Bench, field: dict[str, Any], cell: str, value: Any
) -> None:
    assert bench.values(field, MARK + cell, has_native_cells=True) == [value]


def test_text_cells_of_a_workbook_are_read_by_the_field_s_format(bench: Bench) -> None:
    field = {"type": "date", "format": "%d.%m.%Y"}
    assert bench.values(field, "29.02.2024", "2024-02-29", has_native_cells=True) == [LEAP, None]
