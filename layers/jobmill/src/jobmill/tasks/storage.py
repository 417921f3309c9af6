"""Large data of tasks in S3: an object a task, of which the bucket keeps the versions that links may lead to."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from botocore.exceptions import ClientError

from jobmill.aws import is_missing

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONTENT_TYPE: Final = "application/json"
_MISSING_VERSION: Final = frozenset({"NoSuchVersion", "InvalidArgument"})


def data_key(name: str) -> str:
    """Where a task's data lies in the bucket."""
    return f"tasks_data/{name}.json"


class TaskStorage:
    """The tasks' bucket. `for_callers` signs the addresses that they are given."""

    def __init__(self, s3: Callable[[], "S3Client"], for_callers: Callable[[], "S3Client"], bucket: str) -> None:
        self._s3 = s3
        self._for_callers = for_callers
        self._bucket = bucket

    def put(self, name: str, content: bytes) -> str:
        """Store the data of a task; gives the object's version. Nobody reads it until the document names it."""
        answer = self._s3().put_object(Bucket=self._bucket, Key=data_key(name), Body=content, ContentType=CONTENT_TYPE)
        return answer.get("VersionId", "null")

    def get(self, name: str, version: str | None) -> bytes | None:
        """The data of a task, in this version (none: the newest object); none if it is not there."""
        which: Any = {} if version is None else {"VersionId": version}
        try:
            answer = self._s3().get_object(Bucket=self._bucket, Key=data_key(name), **which)
        except ClientError as error:
            if _is_gone(error):
                return None
            raise
        return answer["Body"].read()

    def has(self, name: str, version: str) -> bool:
        """Whether this version is still there."""
        try:
            self._s3().head_object(Bucket=self._bucket, Key=data_key(name), VersionId=version)
        except ClientError as error:
            if _is_gone(error):
                return False
            raise
        return True

    def url(self, name: str, version: str, lifetime: timedelta, *, is_head: bool = False) -> str:
        """An address of this version for anyone who has it, signed here; saved as `{name}.json`."""
        filename = quote(f"{name}.json")
        params = {"Bucket": self._bucket, "Key": data_key(name), "VersionId": version}
        if not is_head:
            params["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{filename}"
        operation = "head_object" if is_head else "get_object"
        return self._for_callers().generate_presigned_url(
            operation, Params=params, ExpiresIn=int(lifetime.total_seconds())
        )


def _is_gone(error: ClientError) -> bool:
    return is_missing(error) or error.response["Error"]["Code"] in _MISSING_VERSION
