"""Report files in S3: stored under their attempt, handed out by a link of a few minutes."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from jobmill.jobs.job import Job, Report, StoredReport
from jobmill.names import safe_name

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RETENTION_TAG = "retention=job"
"""Objects of this tag are removed by the bucket's lifecycle some days after their job is gone."""


class ReportFiles:
    """Puts reports into the bucket `bucket` and signs links to them."""

    def __init__(self, s3: Callable[[], "S3Client"], bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def store(
        self,
        job: Job,
        path: Path,
        *,
        name: str,
        content_type: str,
        export_type: str,
        transferred: Callable[[int], None],
    ) -> StoredReport:
        """Upload the file; large ones in parts, which are taken back if it fails."""
        key = "/".join(
            (
                "exports",
                safe_name(export_type),
                safe_name(job.created_by),
                job.id,
                f"{job.run}-{job.attempt}",
                safe_name(name),
            )
        )
        self._s3().upload_file(
            str(path),
            self._bucket,
            key,
            ExtraArgs={"ContentType": content_type, "Tagging": RETENTION_TAG},
            Callback=transferred,
        )
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return StoredReport(name, key, content_type, path.stat().st_size, digest)

    def link(self, report: Report, lifetime: timedelta) -> str:
        """A presigned URL of the file, which a browser saves under the report's own name."""
        return self._s3().generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": report.key,
                "ResponseContentType": report.content_type,
                "ResponseContentDisposition": attachment(report.name),
            },
            ExpiresIn=int(lifetime.total_seconds()),
        )


def attachment(name: str) -> str:
    """A `Content-Disposition` for any name: plain for old clients, UTF-8 for all others (RFC 6266)."""
    return f"attachment; filename=\"{safe_name(name)}\"; filename*=UTF-8''{quote(name, safe='')}"
