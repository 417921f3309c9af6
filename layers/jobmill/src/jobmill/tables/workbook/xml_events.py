"""XML as events, by Python's own expat, with everything off that reaches beyond the document or multiplies it.

Entities, and with them "billion laughs" and files from elsewhere, need a document type, and no workbook has one: it is
refused where it begins.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Self
from xml.parsers import expat

from jobmill.tables.workbook.errors import damaged, too_complex, unsafe

# A tag or a comment longer than this is none that a program for workbooks writes.
_MAX_TOKEN_BYTES: Final = 8 << 20
_RESERVE_BYTES: Final = 4 << 20
_SEPARATOR: Final = "}"
_HANDLERS: Final = (
    "StartElementHandler",
    "EndElementHandler",
    "CharacterDataHandler",
    "StartDoctypeDeclHandler",
    "EntityDeclHandler",
    "ExternalEntityRefHandler",
)

type Element = tuple[str, dict[str, str]]


class XmlParser:
    """A parser whose handlers the caller sets on `expat`; in a `with`, `feed` it, then `close` it.

    The end of the `with` takes the handlers off: they know the parser that knows them, and such a circle, with all
    that hangs on it, would keep its memory until Python's collector comes.

    Names come as `namespace}name`.
    Raises CallerError `unsafe-workbook` for a document type, `damaged-workbook` for what is no XML.
    """

    def __init__(self, part: str) -> None:
        self.expat = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.expat.buffer_text = True
        self.expat.StartDoctypeDeclHandler = self._refuse
        self.expat.EntityDeclHandler = self._refuse
        self.expat.ExternalEntityRefHandler = self._refuse
        self.expat.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._part = part
        self._fed = 0
        # Given back when memory is used up: Python turns in circles without any (3.13 does, closing a generator).
        self._reserve = bytearray(_RESERVE_BYTES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for handler in _HANDLERS:
            setattr(self.expat, handler, None)

    def feed(self, chunk: bytes | str, *, is_last: bool = False) -> None:
        """Parse some more."""
        self._fed += len(chunk)
        try:
            self.expat.Parse(chunk, is_last)
        except MemoryError as error:
            self._reserve.clear()
            raise too_complex() from error
        except expat.ExpatError as error:
            if error.code == 1:  # XML_ERROR_NO_MEMORY
                self._reserve.clear()
                raise too_complex() from error
            raise damaged(f'its part "{self._part}" is not XML (line {error.lineno})') from error
        except (ValueError, LookupError) as error:  # an encoding that Python does not have, or not for XML
            raise damaged(f'its part "{self._part}" has an unknown encoding') from error
        if self._fed - self.expat.CurrentByteIndex > _MAX_TOKEN_BYTES:
            raise unsafe(f'its part "{self._part}" has a tag of {_MAX_TOKEN_BYTES:,} bytes')

    def close(self) -> None:
        """The document must be whole."""
        self.feed(b"", is_last=True)

    def _refuse(self, *_: object) -> int:
        raise unsafe(f'its part "{self._part}" declares a document type, as no workbook does')


def elements(part: str, chunks: Iterable[bytes]) -> Iterator[Element]:
    """The elements of a part in their order, as names and attributes without their namespaces."""
    found: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((local(name), {local(key): value for key, value in attributes.items()}))

    with XmlParser(part) as parser:
        parser.expat.StartElementHandler = start
        for chunk in chunks:
            parser.feed(chunk)
            yield from found
            found.clear()
        parser.close()
    yield from found


def local(name: str) -> str:
    """`name` without its namespace."""
    return name.rpartition(_SEPARATOR)[2]
