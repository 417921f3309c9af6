"""The media types of the files that jobs make, by their names."""

import mimetypes
from typing import Final

MEDIA_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}
"""By the ends of names. Machines' own lists differ in these."""


def media_type_of(filename: str) -> str:
    """The media type of a file of this name; `application/octet-stream` for one that is not known."""
    known = MEDIA_TYPES.get(filename.rpartition(".")[2].lower())
    return known or mimetypes.guess_type(filename)[0] or "application/octet-stream"
