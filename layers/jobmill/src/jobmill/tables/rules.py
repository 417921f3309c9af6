"""What a schema is once compiled: SQL templates for each field, and rules that say when a cell breaks them.

`jobmill.schemas` compiles it. Templates have places for SQL, filled by `fill`: `{c}` the raw cell, `{t}` its text,
`{v}` its value. Give columns for them, for a template may name its place several times.
"""

import re
from dataclasses import dataclass
from typing import Final

from jobmill.tables.columns import ColumnType

MARK = "\x1f"
"""Stands before the text of a workbook's cell that is a number, a date or a boolean there."""

MAX_VALUE = 100
"""A message shows no more characters of a value."""


_PLACE: Final = re.compile(r"\{([ctv])\}")


def fill(template: str, *, c: str = "{c}", t: str = "{t}", v: str = "{v}") -> str:
    """Put SQL (best a column: it may stand there several times) into the places; in one go, whatever it contains."""
    sql = {"c": c, "t": t, "v": v}
    return _PLACE.sub(lambda place: sql[place[1]], template)


@dataclass(frozen=True, slots=True)
class Rule:
    """When a cell, or a row, is wrong.

    `field` is None for a rule over several columns. `broken` is an SQL boolean over {t} and {v}: true when broken;
    NULL counts as not broken. `limit` is the rule's limit as text ("18"). `sentence` has a place {value}.
    """

    field: str | None
    code: str
    broken: str
    limit: str | None
    sentence: str

    def message(self, value: str | None) -> str:
        """The sentence for a cell, of which `value` is the text."""
        if value is None:
            return self.sentence
        shown = value.removeprefix(MARK)
        if len(shown) > MAX_VALUE:
            shown = f"{shown[: MAX_VALUE - 1]}…"
        return self.sentence.replace("{value}", shown, 1)


@dataclass(frozen=True, slots=True)
class CompiledField:
    """A field: `text` over {c} is NULL for a missing value; `value` over {t} is NULL when it does not parse.

    `rules` begin with `type-error` (where a text can have one), then `required`; the others are over {v}, so that
    NULL never breaks them.
    """

    name: str
    type: ColumnType
    text: str
    value: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class CompiledSchema:
    """All fields in their order, and which fields' values together occur once.

    In `unique` the primary key comes first. NULLs do not collide.
    """

    fields: tuple[CompiledField, ...]
    unique: tuple[tuple[str, ...], ...]
    primary_key: tuple[str, ...]

    def unique_rule(self, group: tuple[str, ...]) -> Rule:
        """The rule of one group of `unique`, for its code and message; its `broken` is the asker's to make."""
        code = "primary-key" if group == self.primary_key else "unique"
        names = ", ".join(f'"{name}"' for name in group)
        sentence = f'"{{value}}" occurs more than once, and {names} must tell the rows apart.'
        return Rule(group[0] if len(group) == 1 else None, code, "", None, sentence)
