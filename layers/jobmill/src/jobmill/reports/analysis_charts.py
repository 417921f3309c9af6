"""The charts of an analysis: findings by check, coloured by severity, and what became of the keywords."""

from math import ceil
from typing import TYPE_CHECKING, Final

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MAX_BARS: Final = 20
"""As many checks as can be told apart; the table has all of them, in the same order."""
_SEVERITY_COLOURS: Final = ("E06666", "F6B26B", "8EB4E3")
_FLAG_COLOURS: Final = ("E06666", "F6B26B", "93C47D")
_COLUMN: Final = "F"
_WIDTH_CM: Final = 24
_BAR_CM: Final = 0.72
_FRAME_CM: Final = 2.6
_ROW_CM: Final = 0.52


def add_checks_chart(sheet: "Worksheet", first: int, last: int, row: int) -> int:
    """Chart the table of checks in rows `first` (its header) to `last` at `row`; gives the first row below it."""
    last = min(last, first + MAX_BARS)
    chart = _bars("Pages by finding", sheet, first, last, len(_SEVERITY_COLOURS))
    chart.grouping, chart.overlap = "stacked", 100
    for series, colour in zip(chart.series, _SEVERITY_COLOURS, strict=True):
        series.graphicalProperties = GraphicalProperties(solidFill=colour)
    assert chart.legend is not None
    chart.legend.position = "b"
    return _place(sheet, chart, row, last - first)


def add_keywords_chart(sheet: "Worksheet", first: int, last: int, row: int) -> None:
    """Chart the table of flags in rows `first` (its header) to `last` at `row`."""
    chart = _bars("Keywords", sheet, first, last, 1)
    chart.legend = None
    for number, colour in enumerate(_FLAG_COLOURS):
        point = DataPoint(idx=number)
        point.graphicalProperties = GraphicalProperties(solidFill=colour)
        chart.series[0].dPt.append(point)
    _place(sheet, chart, row, last - first)


def _bars(name: str, sheet: "Worksheet", first: int, last: int, series: int) -> BarChart:
    """Lying bars, the first on top, each with its figure; the figures make an axis needless."""
    chart = BarChart()
    chart.type, chart.title = "bar", name
    for column in range(2, 2 + series):
        chart.series.append(_series(sheet, column, first, last))
    chart.gapWidth = 40
    chart.dataLabels = DataLabelList()
    chart.dataLabels.showVal = True
    for other in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
        setattr(chart.dataLabels, other, False)
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete, chart.y_axis.delete = False, True
    chart.y_axis.majorGridlines = None
    return chart


def _series(sheet: "Worksheet", column: int, first: int, last: int) -> Series:
    """The figures of a column, with what they are now: previews of workbooks do not look into the cells."""
    names = [str(sheet.cell(row, 1).value) for row in range(first + 1, last + 1)]
    figures = [sheet.cell(row, column).value for row in range(first + 1, last + 1)]
    points = [NumVal(idx=i, v=str(figure)) for i, figure in enumerate(figures) if figure is not None]
    place = Reference(sheet, min_col=column, min_row=first + 1, max_row=last)
    series: Series = SeriesFactory(place)
    cache = NumData(formatCode="General", ptCount=len(figures), pt=points)
    series.val = NumDataSource(numRef=NumRef(f=str(place), numCache=cache))
    series.cat = AxDataSource(strRef=_texts(sheet, 1, first + 1, last, names))
    series.tx = SeriesLabel(strRef=_texts(sheet, column, first, first, [str(sheet.cell(first, column).value)]))
    return series


def _texts(sheet: "Worksheet", column: int, first: int, last: int, texts: list[str]) -> StrRef:
    """The cells of a column, and the texts in them."""
    points = [StrVal(idx=i, v=text) for i, text in enumerate(texts)]
    place = Reference(sheet, min_col=column, min_row=first, max_row=last)
    return StrRef(f=str(place), strCache=StrData(ptCount=len(texts), pt=points))


def _place(sheet: "Worksheet", chart: BarChart, row: int, bars: int) -> int:
    """Put the chart beside the tables, its upper edge at `row`; gives the first row below it."""
    height = _FRAME_CM + _BAR_CM * bars
    chart.width, chart.height = _WIDTH_CM, height
    sheet.add_chart(chart, f"{_COLUMN}{row}")
    return row + ceil(height / _ROW_CM) + 1
