"""What the dashboard's page may load, and whom it may ask: a Content-Security-Policy made from the settings."""

from functools import cache
from typing import Final
from urllib.parse import urlsplit

from jobmill import aws
from jobmill.settings import settings

_FIXED: Final = (
    ("default-src", "'none'"),
    ("script-src", "'self'"),
    ("style-src", "'self'"),
    ("img-src", "'self' data:"),
    ("font-src", "'self'"),
    ("base-uri", "'none'"),
    ("form-action", "'none'"),
    ("frame-ancestors", "'none'"),
)


@cache
def content_security_policy() -> str:
    """The policy: this origin, and beside it what the page asks (uploads, the live socket, sign-in), if there is it."""
    here = settings()
    asked = [upload_origin(), origin_of(here.live_url), origin_of(here.identity_url)]
    others = dict.fromkeys(origin for origin in asked if origin)
    connect = ("connect-src", " ".join(["'self'", *others]))
    return "; ".join(f"{directive} {sources}" for directive, sources in (*_FIXED, connect))


def upload_origin() -> str:
    """The origin that forms for uploads are sent to: that of such a form."""
    form = aws.s3_for_callers().generate_presigned_post(settings().uploads_bucket, "any")
    return origin_of(form["url"])


def origin_of(url: str) -> str:
    """A URL's scheme, host and port; empty of an empty one. Raises ValueError where a policy could not name it."""
    if not url:
        return ""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if not (parts.scheme and parts.hostname) or any(character in origin for character in " ;,'*@"):
        raise ValueError(f"{url!r} has no origin that a policy can name")
    return origin
