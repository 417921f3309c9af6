"""What a request may ask of a table. Plain values, checked by `datasets.query.select`. Imports no data library."""

from dataclasses import dataclass
from typing import Literal

type Scalar = str | int | float | bool
type Comparison = Literal["=", "!=", "<", "<=", ">", ">="]
type Op = Literal["=", "!=", "<", "<=", ">", ">=", "in", "contains", "startsWith", "isNull", "notNull"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Keep the rows whose `column` stands in `op` to `value`.

    `value` is a JSON value: dates and timestamps as ISO text, a list for `in`, None for `isNull` and `notNull`.
    """

    column: str
    op: Op
    value: Scalar | list[Scalar] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by `column`; rows with an empty cell come last in both directions."""

    column: str
    descending: bool = False
