"""Report files in S3: stored under their attempt, handed out by a link of a few minutes."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from jobmill.jobs.job import Job, StoredReport
from jobmill.names import safe_name

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SHORT = timedelta(days=1)


def retention_tag(retention: timedelta) -> str:
    """The tag of a report whose job is kept for `retention`: the bucket's lifecycle has a rule for each.

    A deleted job takes its reports along; the lifecycle removes those that no job lists, some days later.
    """
    return "retention=day" if retention <= SHORT else "retention=job"


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
        content_type: str,
        export_type: str,
        transferred: Callable[[int], None],
        user_id: str | None = None,
    ) -> StoredReport:
        """Upload the file; large ones in parts, which are taken back if it fails.

        `user_id` stands in the key, made safe like the other parts; none: who made the job.
        """
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

    def link(self, report: StoredReport, lifetime: timedelta) -> str:
        """A presigned URL of the file, which a browser saves under the report's own name."""
        return self._signer().generate_presigned_url(
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
