"""What is said of each hostile file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class HostileFile:
    """`name` is what the sender calls it, `what` it is in a few words; `outcome` the error's code, or `imported`.

    `make` writes it to a path; `holds` are the first cells of an imported one, beneath the header.
    """

    name: str
    what: str
    outcome: str
    make: Callable[[Path], object]
    holds: tuple[str, ...] = ()


def of_bytes(content: bytes) -> Callable[[Path], object]:
    """Writes the content."""
    return lambda path: path.write_bytes(content)


def repeated(head: bytes, block: bytes, times: int, tail: bytes = b"") -> Callable[[Path], object]:
    """Writes a large file block by block."""

    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(head)
            for _ in range(times):
                file.write(block)
            file.write(tail)

    return make
