"""Images from given URLs as files, whole or not at all, by the guarded requests of `fetching` alone.

Redirects are followed here, each as a new request to a URL that is judged like the first one.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final
from urllib.parse import urljoin

from jobmill.errors import CallerError
from jobmill.fetching import Fetch, Head, Limits, Question, public_addresses
from jobmill.hosts import Target, parse_url
from jobmill.image_headers import ImageKind, read_image_header
from jobmill.settings import settings

MAX_IMAGE_BYTES: Final = 10 << 20
"""Unpacked. A workbook's images are in memory one by one while it is saved."""
DOWNLOAD_SECONDS: Final = 30
"""From the first lookup to the last byte, redirects included; longer than any image of this size should take."""
MAX_REDIRECTS: Final = 3
HTTP_PARAMETER: Final = "ImagesOverHttp"
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_TYPES: Final = {f"image/{kind}": kind for kind in ImageKind} | {"image/jpg": ImageKind.JPEG}  # as many servers say
_HEADERS: Final = {"Accept": ", ".join(f"image/{kind}" for kind in ImageKind)}
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SAFE_LOCATION: Final = re.compile(r"[\x21-\x5b\x5d-\x7e]+")
_DIGITS: Final = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class _Redirect:
    location: str


def download_image(uri: str, filename: str | Path) -> None:
    """Save the PNG, JPEG or GIF image of this URL as the file `filename`, in place of one that may be there.

    The file appears when it is whole; a download that fails leaves nothing, and what was there as it was. Its folder
    must be there. `filename` is the program's own choice, and taken as any path is: never make it of what somebody
    sent, the URL included. Repeating the call asks again.

    Raises CallerError: of the URL `bad-url`, `https-only`, `host-not-found`, `address-not-allowed`; of the connection
    `no-connection`, `tls-failed`, `timed-out`, `broken-answer`; of redirects `bad-redirect`, `redirect-loop`,
    `too-many-redirects`; of the answer `unexpected-status`, `answer-too-large`, `not-an-image`, `image-too-large`.
    """
    path = Path(filename)
    with TemporaryDirectory(dir=path.parent, prefix=".download-") as folder:
        part = Path(folder) / "image"
        with part.open("xb") as file:
            source, said = _follow(parse_url(uri), file)
        _check(part, source, said)
        part.replace(path)


def _follow(target: Target, file: BinaryIO) -> tuple[Target, ImageKind]:
    """Ask the target, and whoever it redirects to; gives who sent an image, and of which kind it said that it is."""
    ends_at = time.monotonic() + DOWNLOAD_SECONDS
    asked: set[str] = set()
    while len(asked) <= MAX_REDIRECTS:
        asked.add(target.url)
        found = _ask(target, file, ends_at)
        if isinstance(found, ImageKind):
            return target, found
        target = _redirected(target, found.location)
        if target.url in asked:
            raise CallerError("redirect-loop", f"The redirects lead back to {target.place}.", field="url")
    raise CallerError(
        "too-many-redirects", f"More than {MAX_REDIRECTS} redirects, the last one to {target.place}.", field="url"
    )


def _ask(target: Target, file: BinaryIO, ends_at: float) -> ImageKind | _Redirect:
    if target.scheme != "https" and not settings().images_over_http:
        raise CallerError(
            "https-only",
            f"{target.place} is not asked, for images come over https. An operator can allow http by the template's"
            f" parameter {HTTP_PARAMETER}.",
            field="url",
        )

    def read(head: Head, blocks: Iterator[bytes]) -> ImageKind | _Redirect:
        if head.status in _REDIRECTS:
            return _Redirect(head.headers.get("location", ""))
        kind = _said_kind(target, head)
        for block in blocks:
            file.write(block)
        return kind

    # A limit of none would be no limit.
    limits = Limits(max(ends_at - time.monotonic(), 0.001), MAX_IMAGE_BYTES)
    return Fetch(Question("GET", target, _HEADERS), public_addresses, limits, read).run()


def _said_kind(target: Target, head: Head) -> ImageKind:
    """The kind that the answer says it has. Raises CallerError for one whose content need not be read."""
    if head.status != 200:
        raise CallerError("unexpected-status", f"{target.place} answers with status {head.status}, not 200.")
    kind = _TYPES.get(head.headers.get("content-type", "").partition(";")[0].strip().lower())
    if kind is None:
        raise CallerError("not-an-image", f"{target.place} does not say that it is a PNG, JPEG or GIF image.")
    has_end = head.headers.get("transfer-encoding", "").lower() == "chunked"
    if not has_end and not _DIGITS.fullmatch(head.headers.get("content-length", "")):
        raise CallerError(
            "broken-answer",
            f"{target.place} does not say where its answer ends, so nobody could tell that it is whole.",
        )
    return kind


def _redirected(target: Target, location: str) -> Target:
    """Whereto the target redirects, by RFC 3986, 5.2, strictly. Raises CallerError `bad-redirect`."""
    bad = CallerError("bad-redirect", f"{target.place} redirects to what is no plain https or http URL.", field="url")
    if not _SAFE_LOCATION.fullmatch(location):
        raise bad
    if location.startswith("//"):
        location = f"{target.scheme}:{location}"
    try:
        return parse_url(location if _SCHEME.match(location) else urljoin(target.url, location))
    except CallerError as error:
        raise bad from error


def _check(part: Path, source: Target, said: ImageKind) -> None:
    """Raise CallerError unless the file is what its server says that it is."""
    try:
        found = read_image_header(part)
    except CallerError as error:
        raise CallerError(error.code, f"{source.place}: {error.message}") from error
    if found.kind is not said:
        raise CallerError("not-an-image", f"{source.place} says that it is {said}, but it is {found.kind}.")
