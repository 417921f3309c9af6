"""Report files in S3: stored under their attempt, handed out by a link of a few minutes."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import quote

from jobmill.jobs.job import Job, StoredReport
from jobmill.media_types import media_type_of
from jobmill.names import safe_name
from jobmill.reports.previews import from_s3, preview_of
from jobmill.tables.preview import Preview

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SHORT = timedelta(days=1)


def retention_tag(retention: timedelta) -> str:
    """The tag of a report whose job is kept for `retention`: the bucket's lifecycle has a rule for each.

    A deleted job takes its reports along; the lifecycle removes those that no job lists, some days later.
    """
    return "retention=day" if retention <= SHORT else "retention=job"


MAX_NAME_BYTES = 765
"""Of a name in a presigned URL, where each byte takes five characters: S3 takes 8,192, and the rest may need 2,500."""
MAX_EXTENSION_CHARACTERS = 10

type Operation = Literal["get_object", "head_object"]


class Named(Protocol):
    """A file in the reports bucket, and what it is called outside."""

    @property
    def key(self) -> str:
        """Where it lies."""

    @property
    def name(self) -> str:
        """Its name, of any characters."""

    @property
    def content_type(self) -> str:
        """Its media type."""


class ReportFiles:
    """Puts reports into the bucket `bucket`, and signs links to them by `signer`.

    `retention_of` a job type is how long its jobs are kept.
    """

    def __init__(
        self,
        s3: Callable[[], "S3Client"],
        signer: Callable[[], "S3Client"],
        bucket: str,
        retention_of: Callable[[str], timedelta],
    ) -> None:
        self._s3 = s3
        self._signer = signer
        self._bucket = bucket
        self._retention_of = retention_of

    def store(
        self,
        job: Job,
        path: Path,
        *,
        name: str,
        export_type: str,
        transferred: Callable[[int], None],
        user_id: str | None = None,
    ) -> StoredReport:
        """Upload the file; large ones in parts, which are taken back if it fails.

        `user_id` stands in the key, made safe like the other parts; none: who made the job.
        """
        content_type = media_type_of(name)
        key = "/".join(
            (
                "exports",
                safe_name(export_type),
                safe_name(user_id or job.created_by),
                job.id,
                f"{job.run}-{job.attempt}",
                safe_name(name),
            )
        )
        self._s3().upload_file(
            str(path),
            self._bucket,
            key,
            ExtraArgs={"ContentType": content_type, "Tagging": retention_tag(self._retention_of(job.type))},
            Callback=transferred,
        )
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return StoredReport(name, key, content_type, path.stat().st_size, digest)

    def preview(self, report: StoredReport) -> Preview:
        """The first rows of a workbook or CSV file. Raises as `preview_of`."""
        return preview_of(report, from_s3(self._s3(), self._bucket, report.key))

    def link(self, file: Named, lifetime: timedelta, *, operation: Operation = "get_object") -> str:
        """A presigned URL of the file, which a browser saves under its own name. A URL is good for one operation."""
        return self._signer().generate_presigned_url(
            operation,
            Params={
                "Bucket": self._bucket,
                "Key": file.key,
                "ResponseContentType": file.content_type,
                "ResponseContentDisposition": attachment(file.name),
            },
            ExpiresIn=int(lifetime.total_seconds()),
        )


def attachment(name: str) -> str:
    """A `Content-Disposition` for any name: plain for old clients, UTF-8 for all others (RFC 6266, RFC 8187)."""
    whole = quote(_shortened(name), safe="")
    return f"attachment; filename=\"{safe_name(name)}\"; filename*=UTF-8''{whole}"


def _shortened(name: str) -> str:
    """The name, if it is very long cut before its extension."""
    excess = len(name.encode()) - MAX_NAME_BYTES
    if excess <= 0:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > MAX_EXTENSION_CHARACTERS:
        stem, dot, extension = name, "", ""
    # Half of a character at the cut goes with it.
    return stem.encode()[:-excess].decode(errors="ignore") + dot + extension
