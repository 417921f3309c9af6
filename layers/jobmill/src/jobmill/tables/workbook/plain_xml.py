"""A large part of a workbook cut into its repeated elements without parsing it: four times as fast as a parser.

That is right only for XML as nearly all programs write it: UTF-8, the default namespace, no comments, no CDATA.
Whatever is otherwise raises NotPlain, and the part is then read by the parser from its beginning, which has the last
word.
"""

import codecs
import io
import re
from collections.abc import Iterator
from typing import Final

_MAX_HEAD_CHARACTERS: Final = 1 << 20
_MAX_PIECE_CHARACTERS: Final = 8 << 20
_MAIN: Final = r"http://(?:schemas\.openxmlformats\.org/spreadsheetml/2006|purl\.oclc\.org/ooxml/spreadsheetml)/main"
_DECLARATION: Final = (
    r"(?:<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'](?i:utf-8)[\"'])?(?: standalone=[\"']\w+[\"'])?\s*\?>\s*)?"
)
_REFERENCE: Final = re.compile("&([^;&]{0,9});?")
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class NotPlain(Exception):
    """The parser has to read it."""


class PlainXml:
    """The elements named `element` of a part whose root is `root`, inside `container` (it may be the root)."""

    def __init__(self, chunks: Iterator[bytes], root: str, container: str, element: str, *, ignorable: str) -> None:
        """`ignorable` is a regular expression for what may stand after the last element."""
        decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8-sig")(), translate=True)
        self._texts = (decoder.decode(chunk) for chunk in chunks)
        self._end_tag = f"</{element}>"
        self._closing = f"</{container}>"
        self._ignorable = re.compile(ignorable)
        self._root_tag = re.compile(rf'{_DECLARATION}(<{root}(?: [^<>]*)? xmlns="{_MAIN}"[^<>/]*(?:/(?!>)[^<>/]*)*>)')
        self._container_tag = self._root_tag if root == container else re.compile(f"<{container}>")
        self._around = ("", f"</{root}>")
        if root != container:
            self._around = (f"<{container}>", f"{self._closing}{self._around[1]}")
        self._opening = ""

    def __iter__(self) -> Iterator[list[str]]:
        """The elements' texts without their end tags, in lists. Raises NotPlain."""
        try:
            rest = self._begin()
            while True:
                *pieces, rest = rest.split(self._end_tag)
                if pieces:
                    yield pieces
                if self._closing in rest:
                    break
                if len(rest) > _MAX_PIECE_CHARACTERS or (text := next(self._texts, None)) is None:
                    raise NotPlain
                rest += text
            if not self._ignorable.fullmatch(rest.partition(self._closing)[0]):
                raise NotPlain
            for _ in self._texts:  # to its end, where its checksum is compared
                pass
        except UnicodeDecodeError as error:
            raise NotPlain from error

    def document(self, pieces: list[str]) -> str:
        """A document of these elements alone."""
        before, after = self._around
        return f"{self._opening}{before}{self._end_tag.join(pieces)}{self._end_tag}{after}"

    def _begin(self) -> str:
        """Go to where the elements begin."""
        head = ""
        for text in self._texts:
            head += text
            root = self._root_tag.match(head)
            container = root and self._container_tag.search(head, 0 if self._around[0] == "" else root.end())
            if root and container:
                between = head[root.end() : container.end()]
                if "<!" in between or "<?" in between:
                    break
                self._opening = root[1]
                return head[container.end() :]
            if len(head) > _MAX_HEAD_CHARACTERS:
                break
        raise NotPlain


def unescaped(text: str) -> str:
    """`text` of XML with its references resolved. Raises NotPlain."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    name = found[1]
    if name in _NAMED and found[0].endswith(";"):
        return _NAMED[name]
    number = re.fullmatch("#(?:([0-9]+)|x([0-9A-Fa-f]+))", name)
    if number is None or not found[0].endswith(";"):
        raise NotPlain
    code = int(number[1]) if number[1] else int(number[2], 16)
    if code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000:
        return chr(code)
    raise NotPlain
