"""What callers get of a report's beginning."""

from typing import Self

from jobmill.tables.preview import Preview
from jobs_api.views import View

type Cell = str | bool | int | float | None


class PreviewView(View):
    """The first rows of a table, each as wide as `columns`; `more` if it goes on. Dates are ISO texts."""

    sheet: str | None = None
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: bool

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """The view of a preview."""
        return cls(sheet=preview.sheet, columns=preview.columns, rows=preview.rows, more=preview.more)
