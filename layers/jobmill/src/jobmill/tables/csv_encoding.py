"""Text in any encoding becomes UTF-8, which is all that the rest of the way reads."""

import codecs
from pathlib import Path
from typing import Final

from jobmill.errors import CallerError
from jobmill.tables.csv_scan import bad_encoding, scan

UTF8: Final = "utf-8"
FALLBACK: Final = "windows-1252"
"""What a file without a mark is in that is not UTF-8: Excel's "CSV" in most of Europe and in America."""
_CHUNK_BYTES: Final = 1 << 20
_HEAD_BYTES: Final = 4_096


def to_utf8(source: Path, given: str | None = None) -> tuple[Path, str]:
    """The file's text as UTF-8, checked: `source` itself, or a file beside it; and the encoding that it has.

    `given` is the encoding that the caller says; else a byte order mark tells, or zero bytes in nearly every second
    place (UTF-16), or else it is UTF-8 if all of it is, and Windows-1252 if not.
    Raises CallerError with the codes of `csv_scan`.
    """
    encoding = given or _of_head(source) or UTF8
    if encoding == UTF8:
        misfit = scan(source)
        if misfit is None:
            return source, UTF8
        if given:
            raise bad_encoding(source, misfit, UTF8)
        encoding = FALLBACK
        try:
            text = recoded(source, encoding)
        except CallerError:
            raise bad_encoding(source, misfit, f"{UTF8} or {FALLBACK}") from None
    else:
        text = recoded(source, encoding)
    misfit = scan(text)
    assert misfit is None, "we wrote it"
    return text, encoding


def recoded(source: Path, encoding: str) -> Path:
    """A file of the text in UTF-8 beside `source`; `source` itself if it is in UTF-8.

    Raises CallerError `bad-encoding`, with the line and the byte.
    """
    if encoding == UTF8:
        return source
    target = source.with_name(f"{source.name}.utf8.csv")
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    with source.open("rb") as file, target.open("wb") as text:
        while True:
            block = file.read(_CHUNK_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                text.write(decoder.decode(block, final=not block).encode())
            except UnicodeError as error:
                start = error.start if isinstance(error, UnicodeDecodeError) else 0
                raise bad_encoding(source, done - pending + start, encoding) from error
            if not block:
                return target
            done += len(block)


def _of_head(source: Path) -> str | None:
    """The encoding that the first bytes tell of, if they do."""
    with source.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    low_first, high_first = head[1::2].count(0), head[::2].count(0)
    if low_first + high_first <= len(head) / 4:
        return None
    if low_first > 4 * high_first:
        return "utf-16-le"
    return "utf-16-be" if high_first > 4 * low_first else None
