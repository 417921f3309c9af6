"""What is measured beside what."""

from dataclasses import dataclass
from typing import Literal

OURS, BARE = "bench.ours", "bench.bare"

type Word = Literal["import", "validate", "export"]


@dataclass(frozen=True)
class Peer:
    """What people use today. `slow_steps` get the table's first rows only, and their seconds are scaled."""

    name: str
    module: str
    libraries: tuple[str, ...]
    slow_steps: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """A step of ours beside the bare engine's, and beside a peer's, if people have one for it."""

    word: Word
    step: str
    title: str
    bare_title: str
    peer: Peer | None = None


PANDAS = Peer("pandas", "bench.peers.pandas_way", ("pandas", "openpyxl"), ("export",))
FRICTIONLESS = Peer("frictionless", "bench.peers.frictionless_way", ("frictionless",), ("validate",))
_COPY = "DuckDB COPY read_csv → Parquet"
COMPARISONS = (
    Comparison("import", "import", "Import, types found out", _COPY, PANDAS),
    Comparison("import", "import-by-schema", "Import by a schema of 9 rules", _COPY),
    Comparison("import", "import-bad-rows", "Import by 12 rules, some rows bad", _COPY),
    Comparison("validate", "validate", "Validate by 12 rules, some rows bad", "DuckDB, SQL by hand", FRICTIONLESS),
    Comparison("export", "export", "Export to XLSX", "DuckDB → rustpy-xlsxwriter", PANDAS),
)
