"""A large file in S3 as one that can be sought in: only the blocks that are looked at are fetched."""

import io
from collections import OrderedDict
from collections.abc import Buffer, Callable
from typing import BinaryIO, Final, override

BLOCK_BYTES: Final = 1 << 18
KEPT_BLOCKS: Final = 16
MAX_FETCHED_BYTES: Final = 32 << 20
"""In all. A preview unpacks less than that, and what is unpacked is hardly ever larger packed."""


class FetchedTooMuch(Exception):
    """More of the file would have to be fetched than may be."""


class RangedFile:
    """A file of `size` bytes, of which `fetch(first, last)` gives the bytes from `first` to `last`, both included.

    Keeps the blocks used last, for all who have it open. Raises FetchedTooMuch, and what `fetch` raises.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        self._fetch = fetch
        self.size = size
        self.fetched_bytes = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def open(self) -> BinaryIO:
        """The file, at its beginning."""
        return io.BufferedReader(_Cursor(self))

    def block(self, number: int) -> bytes:
        """One block: all are of one size but the last."""
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        first = number * BLOCK_BYTES
        last = min(first + BLOCK_BYTES, self.size) - 1
        self.fetched_bytes += last - first + 1
        if self.fetched_bytes > MAX_FETCHED_BYTES:
            raise FetchedTooMuch
        self._blocks[number] = content = self._fetch(first, last)
        if len(self._blocks) > KEPT_BLOCKS:
            self._blocks.popitem(last=False)
        return content


class _Cursor(io.RawIOBase):
    """A place in a ranged file."""

    def __init__(self, file: RangedFile) -> None:
        self._file = file
        self._at = 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    @override
    def tell(self) -> int:
        return self._at

    @override
    def readinto(self, buffer: Buffer, /) -> int:
        """Fill the buffer, or as much of it as one block has."""
        if self._at >= self._file.size:
            return 0
        number, start = divmod(self._at, BLOCK_BYTES)
        view = memoryview(buffer).cast("B")
        piece = self._file.block(number)[start : start + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
