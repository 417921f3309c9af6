"""Forms with a file (multipart/form-data, RFC 7578), read whole and strictly: what is doubtful is refused."""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from jobmill.errors import CallerError
from jobs_api.problems import FieldProblem, InvalidRequest, UnsupportedType

FORM = "multipart/form-data"
MAX_TEXT_BYTES = 1000
MAX_FILENAME_CHARACTERS = 255
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
"""RFC 2046, section 5.1.1."""
_CHARSETS = frozenset({None, "utf-8", "utf8", "us-ascii", "ascii"})
_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})


@dataclass(frozen=True)
class FormFile:
    """A file of a form. `filename` is no path; `content_type` is what the sender takes it for."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Form:
    """A form's file, and its texts by the names of their fields."""

    file: FormFile
    texts: dict[str, str]


def body_bytes(event: Any) -> bytes:
    """The body of an HTTP API event, as it was sent. Raises CallerError `invalid-form` if it is damaged."""
    text = event.body or ""
    try:
        return base64.b64decode(text, validate=True) if event.is_base64_encoded else text.encode()
    except ValueError as error:
        raise _invalid("its bytes are damaged") from error


def read_form(body: bytes, content_type: str, *, file_field: str, text_fields: Sequence[str]) -> Form:
    """The form in `body`: exactly one file, in the field `file_field`; `text_fields` at most once each, in UTF-8.

    Raises UnsupportedType for another content type, CallerError `invalid-form` for bytes that are no whole form, and
    InvalidRequest for fields that are missing, unknown, there twice, or not what they should be.
    """
    known = (file_field, *text_fields)
    file: FormFile | None = None
    texts: dict[str, str] = {}
    for part, content in _parts(body, _boundary(content_type), len(known)):
        if part.name not in known:
            raise _wrong(part.name or "body", f"There is no such field; there are: {', '.join(known)}")
        if part.name in texts or (part.name == file_field and file is not None):
            raise _wrong(part.name, "The field is there twice")
        if part.name == file_field:
            file = _file(part, content)
        else:
            texts[part.name] = _text(part, content)
    if file is None:
        raise _wrong(file_field, "Field required: send the file itself in it")
    return Form(file, texts)


def _boundary(content_type: str) -> str:
    kind, options = parse_options_header(content_type)
    if kind != FORM:
        raise UnsupportedType(f"Send the body as {FORM}.")
    boundary: str = options.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise _invalid("its Content-Type names no valid boundary")
    return boundary


def _parts(body: bytes, boundary: str, most: int) -> Iterator[tuple[MultipartSegment, bytes]]:
    """Each part with its content. Raises CallerError `invalid-form`."""
    if not body.startswith(f"--{boundary}".encode()):
        raise _invalid("it does not begin with its boundary")
    part, content = None, bytearray()
    try:
        with PushMultipartParser(boundary, max_segment_count=most, strict=True) as parser:
            for event in parser.parse(body):
                if event is None:
                    yield part, bytes(content)
                elif isinstance(event, MultipartSegment):
                    part, content = event, bytearray()
                    _check_headers(part)
                else:
                    content += event
    except MultipartError as error:
        raise _invalid(str(error.args[0])) from error
    closing = f"--{boundary}--".encode()
    if not body.removesuffix(b"\r\n").endswith(closing) or body.count(b"\r\n" + closing) > 1:
        raise _invalid("something follows its end")


def _check_headers(part: Any) -> None:
    names = [name for name, _ in part.headerlist]
    if len(set(names)) < len(names):
        raise _invalid("a part has a header twice")
    if part.header("Content-Transfer-Encoding", "").strip().lower() not in _ENCODINGS:
        raise _wrong(part.name, "Send it as it is, without Content-Transfer-Encoding")


def _file(part: Any, content: bytes) -> FormFile:
    if part.filename is None:
        raise _wrong(part.name, "Send it as a file, with a file name")
    # Some senders put their own path there.
    name = re.split(r"[/\\]", part.filename)[-1]
    name = "".join(character for character in name if character.isprintable()).strip()
    if not name.strip("."):
        raise _wrong(part.name, "The file has no name")
    if len(name) > MAX_FILENAME_CHARACTERS:
        raise _wrong(part.name, f"The file's name has over {MAX_FILENAME_CHARACTERS} characters")
    return FormFile(name, part.content_type or "", content)


def _text(part: Any, content: bytes) -> str:
    if part.filename is not None:
        raise _wrong(part.name, "Send it as text, not as a file")
    if len(content) > MAX_TEXT_BYTES:
        raise _wrong(part.name, f"The text has over {MAX_TEXT_BYTES:,} bytes")
    if (part.charset and part.charset.lower()) not in _CHARSETS:
        raise _wrong(part.name, "Send the text in UTF-8")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise _wrong(part.name, "The text is not valid UTF-8") from error


def _invalid(reason: str) -> CallerError:
    reason = reason[:1].lower() + reason[1:]
    return CallerError("invalid-form", f"The body is no whole {FORM}: {reason}.", field="body")


def _wrong(field: str, message: str) -> InvalidRequest:
    return InvalidRequest([FieldProblem(field=field[:200], message=message)])
