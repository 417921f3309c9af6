"""How a dataset's schema wants its columns shown in a workbook. Imports no data library."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jobmill.tables.columns import Column
from jobmill.tables.number_formats import excel_format

MAX_TITLE_CHARACTERS: Final = 1_000
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class ColumnFormat:
    """A column's header for people, and Excel's code for its numbers or dates; None: as without a schema."""

    title: str | None = None
    number_format: str | None = None


def column_formats(schema: Mapping[str, object] | None) -> dict[str, ColumnFormat]:
    """The formats by column that a Table Schema (as JSON) gives with `title`, `numberFormat` and dates' `format`."""
    fields = schema.get("fields") if schema else None
    if not isinstance(fields, Sequence):
        return {}
    return {str(field["name"]): _format(field) for field in fields if isinstance(field, Mapping) and "name" in field}


def _format(field: Mapping[str, object]) -> ColumnFormat:
    title, code, pattern = (field.get(name) for name in ("title", "numberFormat", "format"))
    if not isinstance(code, str) and isinstance(pattern, str) and field.get("type") in ("date", "datetime"):
        code = excel_format(pattern)
    return ColumnFormat(
        _CONTROLS.sub(" ", title).strip()[:MAX_TITLE_CHARACTERS] or None if isinstance(title, str) else None,
        code if isinstance(code, str) else None,
    )


def headers(columns: Sequence[Column], formats: Mapping[str, ColumnFormat]) -> list[str]:
    """Each column's title, or its name where it has none or where another header differs at most in case.

    The writer tells columns apart by their headers, and no column may be lost.
    """
    titles = [formats.get(column.name, ColumnFormat()).title for column in columns]
    wanted = [(title or column.name).casefold() for column, title in zip(columns, titles, strict=True)]
    taken = {column.name.casefold(): i for i, column in enumerate(columns)}
    return [
        title if title and wanted.count(wanted[i]) == 1 and taken.get(wanted[i], i) == i else column.name
        for i, (column, title) in enumerate(zip(columns, titles, strict=True))
    ]
