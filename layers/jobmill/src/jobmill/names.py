"""Names from outside: what ids of projects and names of datasets look like, and file names made safe."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches

PROJECT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a project's id looks like: it stands in keys, in S3 paths and in the names of groups."""

SYSTEM_PROJECT = "system"
"""The project of Jobmill's own jobs, which are the runs of tasks; callers submit nothing to it."""

DATASET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a dataset's name looks like: it stands in keys, in S3 paths and in names of files."""

MAX_CHARACTERS = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def safe_name(name: str) -> str:
    """`name` for S3 keys and file systems: never empty, a path, or hidden.

    ASCII letters, digits, dot, hyphen and underscore, at most 100 of them; the extension is kept when the rest is cut.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = _UNSAFE.sub("-", plain).strip("-.") or "file"
    if len(safe) <= MAX_CHARACTERS:
        return safe
    stem, dot, extension = safe.rpartition(".")
    if not dot or len(extension) > 10:
        return safe[:MAX_CHARACTERS]
    return stem[: MAX_CHARACTERS - len(extension) - 1] + dot + extension


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """The names that somebody may have meant by `name`, at most three, the likeliest first; in any case."""
    by_lower = {other.lower(): other for other in known}
    return [by_lower[match] for match in get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)]
