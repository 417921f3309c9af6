"""The texts that a workbook's cells share: read once, kept as CSV cells."""

import re
from array import array
from collections.abc import Sequence
from itertools import groupby
from typing import Final, override

from jobmill.tables.workbook.errors import damaged, too_large
from jobmill.tables.workbook.plain_xml import NotPlain, PlainXml, unescaped
from jobmill.tables.workbook.values import MAX_TEXT_CHARACTERS, Conversion, text_cell
from jobmill.tables.workbook.xml_events import XmlParser, local
from jobmill.tables.workbook.zip_parts import ZipParts

# The first ones are those that repeat most: they are kept ready. The others, packed, take a third of the memory.
MAX_READY: Final = 200_000
MAX_READY_CHARACTERS: Final = 16_000_000
MAX_STRINGS: Final = 6_000_000
MAX_PACKED_BYTES: Final = 112 << 20

_ITEM: Final = re.compile(r'\s*+<si>(?:<t/>|<t(?: xml:space="preserve")?>([^<]*)</t>)(?:<phoneticPr[^<>]*/>)?+')


class SharedStrings(Conversion):
    """The workbook's texts, which cells name by number."""

    def __init__(self) -> None:
        self._ready: list[str] = []
        self._left = MAX_READY_CHARACTERS
        self._packed = bytearray()
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._ready) + len(self._ends) - 1

    def add(self, text: str) -> None:
        """The next text. Raises CallerError `workbook-too-large`."""
        cell = text_cell(text)
        if self._left > 0 and len(self._ready) < MAX_READY:
            self._ready.append(cell)
            self._left -= len(cell)
            return
        self._left = 0
        self._packed += cell.encode()
        self._ends.append(len(self._packed))
        if len(self._packed) > MAX_PACKED_BYTES or len(self._ends) > MAX_STRINGS:
            raise too_large("its texts do not fit into memory")

    @override
    def cell(self, text: str) -> str:
        if not text:
            return ""
        if not (text.isdigit() and text.isascii() and len(text) < 10):
            raise damaged(f'a cell names the text number "{text[:20]}"')
        number = int(text)
        ready = self._ready
        if number < len(ready):
            return ready[number]
        number -= len(ready)
        if number >= len(self._ends) - 1:
            raise damaged(
                f"a cell names the text number {text}, and there are only {len(ready) + len(self._ends) - 1:,}"
            )
        return self._packed[self._ends[number] : self._ends[number + 1]].decode()

    @override
    def column(self, texts: Sequence[str]) -> Sequence[str]:
        ready = self._ready
        try:
            return [ready[int(text)] if text else "" for text in texts]
        except IndexError:
            return list(map(self.cell, texts))


class StringsAsNeeded(SharedStrings):
    """The same, read only as far as a cell names one: a preview needs the first few of a large table's.

    To be used in a `with` of its `parser`.
    """

    def __init__(self, parts: ZipParts, part: str | None) -> None:
        super().__init__()
        is_there = part is not None and parts.has(part)
        self._chunks = parts.chunks(part) if part is not None and is_there else iter(())
        self.parser = _parser(part or "", self)

    @override
    def cell(self, text: str) -> str:
        while text.isdigit() and len(text) < 10 and int(text) >= len(self):
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self.parser.feed(chunk)
        return super().cell(text)


def read_strings(parts: ZipParts, part: str | None) -> SharedStrings:
    """Read the part, if there is one.

    Raises CallerError `workbook-too-large`, `damaged-workbook` and those of `zip_parts` and `xml_events`.
    """
    if part is None or not parts.has(part):
        return SharedStrings()
    try:
        return _read_plain(parts, part)
    except NotPlain:
        strings = SharedStrings()
        with _parser(part, strings) as parser:
            for chunk in parts.chunks(part):
                parser.feed(chunk)
            parser.close()
        return strings


def _read_plain(parts: ZipParts, part: str) -> SharedStrings:
    strings = SharedStrings()
    plain = PlainXml(parts.chunks(part), "sst", "sst", "si", ignorable=r"\s*(?:<extLst>.*)?")
    match = _ITEM.fullmatch
    for pieces in plain:
        found = [match(piece) for piece in pieces]
        for is_plain, run in groupby(zip(found, pieces, strict=True), lambda pair: pair[0] is not None):
            if is_plain:
                for item, _ in run:
                    strings.add(unescaped(item[1] or "") if item else "")
            else:
                with _parser(part, strings) as parser:
                    parser.feed(plain.document([piece for _, piece in run]))
                    parser.close()
    return strings


def _parser(part: str, strings: SharedStrings) -> XmlParser:  # noqa: C901  three handlers, simple each
    """A parser that adds each text: plain, or in pieces of several fonts; without how it is pronounced."""
    texts: list[str] = []
    length = 0
    is_pronunciation = is_text = False

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal is_text, is_pronunciation, length
        match local(name):
            case "si":
                texts.clear()
                length = 0
            case "rPh":
                is_pronunciation = True
            case "t":
                is_text = not is_pronunciation

    def end(name: str) -> None:
        nonlocal is_text, is_pronunciation
        match local(name):
            case "si":
                strings.add("".join(texts))
            case "rPh":
                is_pronunciation = False
            case "t":
                is_text = False

    def characters(text: str) -> None:
        nonlocal length
        if is_text:
            texts.append(text)
            length += len(text)
            if length > MAX_TEXT_CHARACTERS:
                raise too_large(f"a cell has more than {MAX_TEXT_CHARACTERS:,} characters")

    parser = XmlParser(part)
    parser.expat.StartElementHandler = start
    parser.expat.EndElementHandler = end
    parser.expat.CharacterDataHandler = characters
    return parser
