"""The SHA-256 of an export's data, which the same export as a CSV file has."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from jobmill.tables.about import DataDigest
from jobmill.tables.csv_writer import write_csv
from jobmill.tables.query import Query


def data_digest(pieces: Iterable[Query], scratch: Path) -> DataDigest:
    """Digest the rows of `pieces`, which follow on each other, as the CSV that is not made safe from formulas.

    It does not depend on where the pieces are cut. One piece at a time lies in `scratch`, inside the workspace.
    """
    sha256, size = hashlib.sha256(), 0
    for number, piece in enumerate(pieces):
        write_csv(piece, scratch, formula_safe=False, header=number == 0)
        size += scratch.stat().st_size
        with scratch.open("rb") as file:
            hashlib.file_digest(file, lambda: sha256)
        scratch.unlink()
    return DataDigest(sha256.hexdigest(), size)
