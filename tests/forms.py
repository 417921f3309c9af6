"""Forms as clients send them (multipart/form-data), and as they should not."""

from dataclasses import dataclass

BOUNDARY = "------------------------d74496d66958873e"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
CSV = b"url,status,title\nhttps://shop.example.com/,200,Shop\n"


@dataclass(frozen=True)
class Part:
    """One part: its header lines, and its content."""

    headers: tuple[str, ...]
    content: bytes


def part(name: str, content: bytes | str, *headers: str, filename: str | None = None) -> Part:
    """A part named `name`; with `filename` it is a file. `headers` come after the first."""
    disposition = f'Content-Disposition: form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    return Part((disposition, *headers), content.encode() if isinstance(content, str) else content)


def file_part(content: bytes = CSV, filename: str = "test.csv", *headers: str) -> Part:
    """The file of a form."""
    return part("file", content, *(headers or ("Content-Type: text/csv",)), filename=filename)


def form(*parts: Part, boundary: str = BOUNDARY) -> bytes:
    """The body of a form of these parts."""
    lines = (
        f"--{boundary}\r\n".encode() + "\r\n".join((*each.headers, "", "")).encode() + each.content + b"\r\n"
        for each in parts
    )
    return b"".join(lines) + f"--{boundary}--\r\n".encode()
