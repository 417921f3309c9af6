"""A job's free JSON: in its row while small, in S3 behind a pointer when large; readers see no difference."""

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from jobmill.json_values import Json, dump_json

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

INLINE_BYTES = 64 * 1024
"""More UTF-8 bytes than this go to S3: DynamoDB's rows end at 400 KB and charge by the kilobyte."""
PREFIX = "documents/"
# JSON text never begins with it.
_POINTER = "@"


class Documents:
    """Writes and reads the free JSON fields of jobs. `bucket` holds those over `INLINE_BYTES`."""

    def __init__(self, s3: Callable[[], "S3Client"], bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def write(self, job_id: str, name: str, value: Json, inline_bytes: int = INLINE_BYTES) -> str | None:
        """The text for the row's field; a larger value is put to S3 first. Raises ValueError for NaN.

        The key is made of the content, so that repeating a write makes no second object.
        """
        if value is None:
            return None
        text = dump_json(value)
        content = text.encode()
        if len(content) <= inline_bytes:
            return text
        key = f"{documents_prefix(job_id)}{name}-{hashlib.sha256(content).hexdigest()}.json"
        self._s3().put_object(Bucket=self._bucket, Key=key, Body=content, ContentType="application/json")
        return _POINTER + key

    def read(self, text: str | None) -> Json:
        """The value of a row's field, fetched from S3 if it lies there."""
        if text is not None and is_pointer(text):
            text = self._s3().get_object(Bucket=self._bucket, Key=text[1:])["Body"].read().decode()
        return read_inline(text)


def documents_prefix(job_id: str) -> str:
    """Where the large values of a job lie."""
    return f"{PREFIX}{job_id}/"


def is_pointer(text: str) -> bool:
    """Whether a field's value lies in S3."""
    return text.startswith(_POINTER)


def read_inline(text: str | None) -> Json:
    """The value of a row's field; None for one that lies in S3."""
    if text is None or is_pointer(text):
        return None
    value: Json = json.loads(text)
    return value
