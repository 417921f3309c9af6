"""One figure of a table: how many rows, the least, the greatest, the sum, how many different values."""

from typing import Final, Literal, cast

from jobmill.errors import CallerError
from jobmill.tables.columns import Column, ColumnType
from jobmill.tables.constants import WANTED, Constant, fit
from jobmill.tables.engine import identifier
from jobmill.tables.query import Query

type Measure = Literal["count", "min", "max", "sum", "distinct"]

_NUMBERS: Final = (ColumnType.INTEGER, ColumnType.NUMBER)
# As many as a 64-bit number keeps of any decimal: 0.1 + 0.2 is then 0.3.
_DIGITS: Final = 15


def measured(query: Query, measure: Measure) -> Constant:
    """The figure of the query's rows: of its first column, all but `count`.

    Empty cells count for nothing but `count`. A sum of integers is exact, of any size; one of other numbers is rounded
    to 15 digits. The sum of no values is 0.
    Raises CallerError `bad-measure` for what the column's type has not, `no-values` for the least or greatest of none.
    """
    if measure == "count":
        return cast("int", query.run("SELECT count(*) FROM ({query})")[0][0])
    column = query.columns[0]
    _check(measure, column)
    name = identifier(column.name)
    if measure == "distinct":
        # Not count(DISTINCT …), which holds all values in memory.
        source = f"SELECT DISTINCT {name} FROM ({{query}}) WHERE {name} IS NOT NULL"
        return cast("int", query.run(f"SELECT count(*) FROM ({source})")[0][0])
    if measure == "sum":
        function = "sum" if column.type is ColumnType.INTEGER else "fsum"
        total = cast("int | float | None", query.run(f"SELECT {function}({name}) FROM ({{query}})")[0][0])
        return float(f"{total:.{_DIGITS}g}") if isinstance(total, float) else total or 0
    found = query.run(f"SELECT {measure}({name}) FROM ({{query}})")[0][0]
    if found is None:
        raise CallerError("no-values", f'No row that is asked has a value in "{column.name}".', field="column")
    return cast("Constant", found)


def wanted_value(value: object, query: Query, measure: Measure) -> Constant:
    """A JSON value as the measure gives it. Raises CallerError `bad-expectation`."""
    if measure in ("min", "max"):
        column = query.columns[0]
        fitting = fit(value, column.type)
        if fitting is None:
            message = f'"{column.name}" holds {column.type}: give {WANTED[column.type]}.'
            raise CallerError("bad-expectation", message, field="expect.value")
        return fitting
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CallerError("bad-expectation", f'"{measure}" gives a number: expect one.', field="expect.value")
    return value


def _check(measure: Measure, column: Column) -> None:
    if measure == "sum" and column.type not in _NUMBERS:
        raise CallerError("bad-measure", f'"{column.name}" holds {column.type}, which has no sum.', field="measure")
    if measure in ("min", "max") and column.type is ColumnType.BOOLEAN:
        raise CallerError(
            "bad-measure", f'"{column.name}" is true or false, of which none is greater: use count.', field="measure"
        )
