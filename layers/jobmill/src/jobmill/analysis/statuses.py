"""What a crawl writes for the answer of a page: a status, a class of statuses, or what nobody can read."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

_STATUS: Final = re.compile(r"(?:HTTP(?:/[0-9](?:\.[0-9])?)?[\s:]*)?([0-9]{3}|[1-5]xx)(?!\w)", re.IGNORECASE)
_NONE: Final = re.compile(r"0(\.0+)?")
_PHRASES: Final = {status.phrase.casefold(): status.value for status in HTTPStatus}
_READ: Final = 100
"""Characters of a cell that are looked at."""


@dataclass(frozen=True, slots=True)
class Status:
    """`text` is it as it is shown: `404`, `4xx`, or the cell as it is.

    `code` is none of a class, `first_digit` of what cannot be read; 0 is what crawlers write for no answer.
    """

    text: str
    code: int | None = None
    first_digit: int | None = None

    @property
    def is_readable(self) -> bool:
        """Whether it is a status or a class of them."""
        return self.first_digit is not None

    @property
    def is_ok(self) -> bool:
        """Whether the page was found: 200, or `2xx`."""
        return self.code == HTTPStatus.OK or (self.code is None and self.first_digit == 2)


def read_status(cell: str) -> Status | None:
    """`404`, `301.0`, `404 Not Found`, `HTTP 500`, `Not Found`, `4xx`; none of an empty cell."""
    text = cell[:_READ].strip()
    if not text:
        return None
    found = _STATUS.match(text)
    if found is not None and found[1].isdigit():
        return _coded(int(found[1]))
    if found is not None:
        return Status(found[1].lower(), None, int(found[1][0]))
    code = 0 if _NONE.fullmatch(text) else _PHRASES.get(text.casefold())
    return Status(text) if code is None else _coded(code)


def _coded(code: int) -> Status:
    return Status(str(code), code, code // 100)
