"""A text is the same value as a cell (read by DuckDB) and as a limit (read by Python)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .tables import Bench, parse

TEXTS: dict[str, list[str]] = {
    "integer": ["0", "007", "-12", "+5", " 5", "9223372036854775807", "-9223372036854775808", "1e3", "0x1F", "1_0"],
    "number": [
        "0.5",
        "-.5",
        "5.",
        "1e3",
        "1E-02",
        "+7.25",
        "1e308",
        "12345678901234567890",
        "nan",
        "inf",
        "1_0",
        "+-1",
    ],
    "date": ["2024-02-29", "2024-2-9", "0001-01-01", "9999-12-31", "1900-02-29", "24-02-29", "2024/02/29", "infinity"],
    "datetime": [
        "2024-02-29T12:34:56",
        "2024-02-29 12:34:56",
        "2024-02-29T12:34:56Z",
        "2024-02-29T12:34:56+01:00",
        "2024-02-29 12:34:56.789-2359",
        "0001-01-01T00:00:00",
        "9999-12-31 23:59:59.999999",
        "2024-2-29T12:34:56Z",
        "2024-02-29  1:34:56",
        "infinity",
    ],
    "time": ["12:34:56", "23:59:59.999999", "1:2:3", "24:00:00"],
    "year": ["2024", "0001", "-999"],
    "yearmonth": ["2024-02", "2024-13"],
    "boolean": ["true", "FALSE", "1", "0", "t"],
}
PATTERNS = {
    "%d.%m.%Y": ["29.02.2024", "9.2.2024", "29.02.0024"],
    "%m/%d/%y": ["02/29/24", "2/9/69", "2/9/68"],
    "%d %B %Y": ["29 February 2024", "1 may 2024", "1  May 2024"],
    "%b %d, %Y": ["Feb 29, 2024", "MAY 1, 2024"],
    "%Y%m%d": ["20240229", "2024229"],
    "%Y-%m-%dT%H:%M:%S": ["2024-02-29T12:34:56"],
    "%d.%m.%y %I:%M:%S.%f %p": ["29.02.24 12:34:56.7 PM", "29.02.24 00:34:56.7 am"],
    "%H%M%S%d%m%Y": ["12345629022024"],
}
FIELDS: list[dict[str, Any]] = [
    *({"type": type} for type in TEXTS),
    {"type": "number", "decimalChar": ",", "groupChar": "."},
    {"type": "number", "bareNumber": False, "groupChar": ","},
    {"type": "integer", "bareNumber": False},
    *({"type": "datetime" if "%H" in each or "%I" in each else "date", "format": each} for each in PATTERNS),
]
NOISE = st.sampled_from([*"0123456789 .,:-+/TZ_eE\t\nx€", "00", "  "])


@st.composite
def spoiled(draw: st.DrawFn, good: list[str]) -> str:
    text = draw(st.sampled_from(good))
    for _ in range(draw(st.integers(0, 2))):
        begin = draw(st.integers(0, len(text)))
        text = text[:begin] + draw(st.one_of(NOISE, st.just(""))) + text[begin + draw(st.integers(0, 2)) :]
    return text


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: " ".join(map(str, field.values())))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_a_cell_and_a_limit_of_the_same_text_are_the_same_value(
    bench: Bench, field: dict[str, Any], draw: st.DataObject
) -> None:
    (parsed,) = parse({"name": "f", **field}).fields
    good = PATTERNS.get(field.get("format", "")) or TEXTS[field["type"]]
    texts = draw.draw(st.lists(spoiled(good).filter(bool), min_size=20, max_size=60))
    # Of a time and a month the text is kept.
    is_kept = field["type"] in ("time", "yearmonth")
    cells = bench.values(field, *texts)
    limits = [parsed.limit(text) for text in texts]
    assert [
        (text, cell, limit)
        for text, cell, limit in zip(texts, cells, limits, strict=True)
        if (cell is None) != (limit is None) or not (is_kept or cell == limit)
    ] == []
