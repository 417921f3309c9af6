"""The dashboard's files, of the package that their layer ships: read, and packed, once in a process."""

import gzip
import hashlib
import json
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final, Self

from jobmill.errors import NotFound
from jobmill.json_values import Json
from jobmill.settings import settings

PACKAGE: Final = "jobmill_dashboard"
MIN_PACKED_BYTES: Final = 1_000
"""A file smaller than this, or one that is packed already, is sent as it is."""
# Machines' own lists differ in these.
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_PACKED_TYPES: Final = frozenset({"font/woff2", "image/png", "image/jpeg", "image/webp", "image/avif"})
_SETTINGS: Final = re.compile(r'(<meta name="jobmill-settings" content=")("\s*/?>)')


@dataclass(frozen=True, slots=True)
class DashboardFile:
    """A file as it is sent: its bytes, the same packed by gzip (None where that saves nothing), and its ETags."""

    media_type: str
    content: bytes
    packed: bytes | None
    tag: str
    packed_tag: str

    @classmethod
    def of(cls, name: str, content: bytes) -> Self:
        """The file of this name and content. Its tags tell content and packing, so they are the same everywhere."""
        suffix = name[name.rfind(".") :].lower()
        media_type = _MEDIA_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        saves = len(content) >= MIN_PACKED_BYTES and media_type not in _PACKED_TYPES
        digest = hashlib.sha256(content).hexdigest()[:32]
        packed = gzip.compress(content, mtime=0) if saves else None
        return cls(media_type, content, packed, f'"{digest}"', f'"{digest}-gzip"')


@cache
def page() -> DashboardFile:
    """The page, with this deployment's settings in it. Raises NotFound `no-dashboard` where it was not built."""
    try:
        html = (_files() / "index.html").read_text("utf-8")
    except (FileNotFoundError, ModuleNotFoundError) as error:
        raise NotFound("no-dashboard", "This deployment has no dashboard. Build it with make dashboard.") from error
    return DashboardFile.of("index.html", with_settings(html, page_settings()).encode())


@cache
def asset(name: str) -> DashboardFile:
    """The file `assets/{name}`. Raises NotFound `file-not-found` for a name that the package does not have."""
    found = assets().get(name)
    if found is None:
        raise NotFound("file-not-found", "The dashboard has no such file. Load its page again.")
    return DashboardFile.of(name, found.read_bytes())


def page_settings() -> Json:
    """What the page has to know before anybody signed in: where the stack's own users do, if it has any."""
    here = settings()
    if not (here.identity_url and here.user_pool_client_id):
        return {"identity": None}
    return {"identity": {"url": here.identity_url, "clientId": here.user_pool_client_id}}


def with_settings(html: str, values: Json) -> str:
    """The page with the values in its meta element. Raises ValueError unless it has exactly one, with no content."""
    content = escape(json.dumps(values, separators=(",", ":")))
    filled, places = _SETTINGS.subn(lambda found: found[1] + content + found[2], html)
    if places != 1:
        raise ValueError('the page has no single <meta name="jobmill-settings" content="">')
    return filled


def _files() -> Traversable:
    return resources.files(PACKAGE) / "files"


@cache
def assets() -> Mapping[str, Traversable]:
    """The files by name: whatever is asked for, nothing else is read."""
    try:
        found = {each.name: each for each in (_files() / "assets").iterdir() if each.is_file()}
    except (FileNotFoundError, ModuleNotFoundError):
        found = {}
    return MappingProxyType(found)
