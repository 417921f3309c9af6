"""How far the reading of a CSV file has come: small, and JSON, so that another process can go on from it."""

from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from jobmill.json_values import Json
from jobmill.tables.columns import ColumnType

type Types = tuple[ColumnType | None, ...]

# One letter for each column: a file may have a thousand of them.
_LETTERS: Final[dict[ColumnType | None, str]] = {
    None: "-",
    ColumnType.TEXT: "t",
    ColumnType.INTEGER: "i",
    ColumnType.NUMBER: "n",
    ColumnType.BOOLEAN: "b",
    ColumnType.DATE: "d",
    ColumnType.TIMESTAMP: "m",
}
_TYPES: Final = {letter: type_ for type_, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True)
class Position:
    """Before the chunk at byte `offset`, which begins in line `line` (from 1), the row `row` as Excel shows it.

    `rows` and `bad_rows` were read so far, into `parts` and `bad_parts` parts. `types` are the columns' types as far as
    they are known; none before the first chunk. `is_typing`: a cell did not fit, and only types are looked for from
    here to the file's end; all is then read once more.
    """

    offset: int
    line: int
    row: int
    rows: int = 0
    bad_rows: int = 0
    parts: int = 0
    bad_parts: int = 0
    types: Types | None = None
    is_typing: bool = False

    def to_json(self) -> dict[str, Json]:
        """A few hundred bytes, and one for each column."""
        letters = None if self.types is None else "".join(_LETTERS[type_] for type_ in self.types)
        return asdict(self) | {"types": letters}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The position that `to_json` gave."""
        letters = value["types"]
        return cls(**value | {"types": None if letters is None else tuple(_TYPES[letter] for letter in letters)})
