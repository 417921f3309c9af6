"""Uploads: files on their way from a caller to S3, for the jobs of one project."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from jobmill.errors import CallerError, TooLarge, Unprocessable
from jobmill.jobs.ids import is_job_id
from jobmill.names import safe_name
from jobmill.records import ExpiryAttribute, TableMeta, hash_key, sort_key


@dataclass(frozen=True)
class Upload:
    """A file that a caller may put to S3 under `key`, of at most `size_bytes`."""

    id: str
    project_id: str
    key: str
    filename: str
    content_type: str
    size_bytes: int
    created_by: str
    expires_at: datetime


class UploadRow(Model):
    """The upload's row."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key("upload")
    project_id = UnicodeAttribute()
    key = UnicodeAttribute()
    filename = UnicodeAttribute()
    content_type = UnicodeAttribute()
    size_bytes = NumberAttribute()
    created_by = UnicodeAttribute()
    expires_at = ExpiryAttribute()


@dataclass(frozen=True)
class NewUpload:
    """A file that somebody wants to upload."""

    project_id: str
    filename: str
    content_type: str
    size_bytes: int
    created_by: str


def create_upload(wanted: NewUpload, *, upload_id: str, now: datetime, lifetime: timedelta, max_bytes: int) -> Upload:
    """Remember the upload; it serves any number of jobs of its project for `lifetime`.

    Raises TooLarge `upload-too-large` over `max_bytes`.
    """
    if wanted.size_bytes > max_bytes:
        raise TooLarge(
            "upload-too-large",
            f"The file has {wanted.size_bytes:,} bytes; at most {max_bytes:,} are taken.",
            field="sizeBytes",
        )
    key = f"uploads/{wanted.project_id}/{upload_id}/{safe_name(wanted.filename)}"
    upload = Upload(id=upload_id, key=key, expires_at=now + lifetime, **vars(wanted))
    fields = {name: value for name, value in vars(upload).items() if name != "id"}
    UploadRow(f"upload#{upload_id}", **fields).save()
    return upload


def get_upload(upload_id: str, project_id: str, now: datetime) -> Upload:
    """An upload of this project. Raises Unprocessable `upload-not-found` for an unknown, foreign or old one."""
    row = None
    if is_job_id(upload_id):
        try:
            row = UploadRow.get(f"upload#{upload_id}", "upload", consistent_read=True)
        except UploadRow.DoesNotExist:
            row = None
    if row is None or row.project_id != project_id or row.expires_at <= now:
        raise Unprocessable(
            "upload-not-found",
            "There is no such upload in this project, or it has expired. Upload the file again.",
            field="params.uploadId",
        )
    return Upload(
        id=upload_id,
        project_id=row.project_id,
        key=row.key,
        filename=row.filename,
        content_type=row.content_type,
        size_bytes=int(row.size_bytes),
        created_by=row.created_by,
        expires_at=row.expires_at,
    )


def missing_upload(upload: Upload) -> CallerError:
    """The error of a job whose upload was announced and never came."""
    return CallerError(
        "upload-missing",
        f"The file {upload.filename} was announced and never uploaded. Upload it, then retry this job.",
        field="params.uploadId",
    )
