"""As much of HTTP/1.1 as a relay needs: messages read whole, and sent on byte for byte."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Self

_END = b"\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_NO_BODY = frozenset({204, 304})


@dataclass(frozen=True)
class Head:
    """A message's first line and headers, as they came, and as they can be asked for (names in small letters)."""

    raw: bytes
    start: str
    headers: Mapping[str, str]

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """The head of its bytes, blank line included."""
        start, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return cls(raw, start, {name.lower(): value.strip() for name, _, value in pairs})

    @staticmethod
    def made(status: int, length: int) -> bytes:
        """The head of an answer of our own."""
        phrase = HTTPStatus(status).phrase
        return f"HTTP/1.1 {status} {phrase}\r\nContent-Length: {length}\r\n\r\n".encode()

    @property
    def status(self) -> int:
        """An answer's status."""
        return int(self.start.split(" ")[1])

    def without_expect(self) -> bytes:
        """The head without the question whether the body may come: we have it, and signatures do not cover it."""
        lines = self.raw.split(b"\r\n")
        return b"\r\n".join(line for line in lines if not line.lower().startswith(b"expect:"))


@dataclass(frozen=True)
class Message:
    """A request or an answer, whole; a chunked body is as it came."""

    head: Head
    body: bytes


@dataclass(frozen=True)
class Hop:
    """One side's connection."""

    reader: asyncio.StreamReader | None
    writer: asyncio.StreamWriter | None
    LIMIT: ClassVar[int] = 1 << 20

    @classmethod
    def none(cls) -> Self:
        """No connection yet."""
        return cls(None, None)

    @property
    def is_open(self) -> bool:
        """Whether there is one, as far as we know."""
        return self.writer is not None and not self.writer.is_closing()

    async def send(self, head: bytes, body: bytes) -> None:
        """Send a message."""
        assert self.writer is not None
        self.writer.write(head + body)
        await self.writer.drain()

    def close(self) -> None:
        """End it; nothing to do if there is none."""
        if self.writer is not None:
            self.writer.close()


async def read_message(hop: Hop, to: str | None = None) -> Message | None:
    """The next message of a connection, none if it has ended; an answer's is the one `to` a request of this method.

    Raises ConnectionError or IncompleteReadError if it ends within a message.
    """
    assert hop.reader is not None
    try:
        head = Head.parse(await hop.reader.readuntil(_END))
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    if to is None and "expect" in head.headers:
        await hop.send(_CONTINUE, b"")
        head = Head.parse(head.without_expect())
    if to is not None and head.status == HTTPStatus.CONTINUE:
        return await read_message(hop, to)
    return Message(head, await _body(hop.reader, head, to))


async def _body(reader: asyncio.StreamReader, head: Head, to: str | None) -> bytes:
    if to is not None and (to == "HEAD" or head.status in _NO_BODY):
        return b""
    if "chunked" in head.headers.get("transfer-encoding", ""):
        return await _chunks(reader)
    return await reader.readexactly(int(head.headers.get("content-length", 0)))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while True:
        size = await reader.readuntil(b"\r\n")
        length = int(size.split(b";")[0], 16)
        parts += [size, await reader.readexactly(length + 2)] if length else [size]
        if not length:
            while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
                parts.append(line)
            return b"".join([*parts, b"\r\n"])
