"""Names from outside, made safe for S3 keys and file systems; the original is kept beside them."""

import re
import unicodedata

MAX_CHARACTERS = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def safe_name(name: str) -> str:
    """`name` in ASCII letters, digits, dot, hyphen and underscore; never empty, a path, or hidden.

    At most 100 characters; the extension is kept when the rest is cut.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = _UNSAFE.sub("-", plain).strip("-.") or "file"
    if len(safe) <= MAX_CHARACTERS:
        return safe
    stem, dot, extension = safe.rpartition(".")
    if not dot or len(extension) > 10:
        return safe[:MAX_CHARACTERS]
    return stem[: MAX_CHARACTERS - len(extension) - 1] + dot + extension
