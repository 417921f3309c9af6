"""Checks of a validation beside its schema: of rows, and of the dataset as a whole. Imports no data library."""

from typing import Annotated, Self

from annotated_types import Ge, Interval
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from jobmill.schemas.table_schema import MAX_NAME, Text, refused
from jobmill.tables.filters import Comparison

MAX_CHECK_NAME = 100


class _Model(BaseModel):
    """camelCase in JSON, unknown names refused, never changed."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)


ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)]


class ColumnOf(_Model):
    """A side of a row check: the row's value in a column."""

    column: Annotated[ColumnName, Field(description="The column of which the row's value is taken")]


type Side = ColumnOf | bool | int | float | Text


class RowCount(_Model):
    """How many rows there must be: at least `min`, at most `max`."""

    min: Annotated[Annotated[int, Ge(0)] | None, Field(description="The fewest rows")] = None
    max: Annotated[Annotated[int, Ge(0)] | None, Field(description="The most rows")] = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.min is None and self.max is None:
            raise refused("Give min, max, or both")
        return self


class Complete(_Model):
    """At least `percent` of the rows must have a value in `column`."""

    column: Annotated[ColumnName, Field(description="The column that must be filled")]
    percent: Annotated[float, Interval(ge=0, le=100), Field(description="In how many of a hundred rows, at least")]


class Sum(_Model):
    """The values of `column` must add up to `equals`, give or take `tolerance`.

    Without one, whole numbers must add up exactly, and other numbers to a millionth.
    """

    column: Annotated[ColumnName, Field(description="The column whose values are added up")]
    equals: Annotated[int | float, Field(description="What they must add up to")]
    tolerance: Annotated[
        Annotated[int | float, Ge(0)] | None, Field(description="By how much the sum may differ from that")
    ] = None


class Check(_Model):
    """One check: `left`, `op`, `right` in each row; or one of rowCount, complete, sum. `name` is the user's for it."""

    name: Annotated[
        Annotated[Text, StringConstraints(min_length=1, max_length=MAX_CHECK_NAME)] | None,
        Field(description="What the check is called in the report"),
    ] = None
    left: Annotated[Side | None, Field(description="A column, or a value")] = None
    op: Annotated[Comparison | None, Field(description="How left is compared with right, in each row")] = None
    right: Annotated[Side | None, Field(description="A column, or a value")] = None
    row_count: Annotated[RowCount | None, Field(description="How many rows the dataset must have")] = None
    complete: Annotated[Complete | None, Field(description="A column that must be filled")] = None
    sum: Annotated[Sum | None, Field(description="What a column's values must add up to")] = None

    @property
    def title(self) -> str:
        """The check's name, or what it says."""
        if self.name:
            return self.name
        if self.row_count:
            least, most = self.row_count.min, self.row_count.max
            bounds = [f"at least {least:,}"] if least is not None else []
            return f"rows: {' and '.join([*bounds, *([f'at most {most:,}'] if most is not None else [])])}"
        if self.complete:
            return f"{self.complete.column} is complete to {self.complete.percent:g} %"
        if self.sum:
            return f"sum of {self.sum.column} = {self.sum.equals:,}"
        return f"{_shown(self.left)} {self.op} {_shown(self.right)}"

    @model_validator(mode="after")
    def _check(self) -> Self:
        sides = (self.left, self.op, self.right)
        kinds = [any(side is not None for side in sides), self.row_count, self.complete, self.sum]
        if sum(kind is not None and kind is not False for kind in kinds) != 1:
            raise refused("A check is one of: left, op and right together; rowCount; complete; sum")
        if kinds[0] and any(side is None for side in sides):
            raise refused("A check of rows has left, op and right")
        if kinds[0] and not isinstance(self.left, ColumnOf) and not isinstance(self.right, ColumnOf):
            raise refused('One side of a check is a column, as {"column": "its name"}')
        return self


def _shown(side: Side | None) -> str:
    if isinstance(side, ColumnOf):
        return side.column
    return str(side).lower() if isinstance(side, bool) else str(side)
