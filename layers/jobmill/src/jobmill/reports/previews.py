"""The beginning of a report, for who looks at it in a browser: of workbooks and CSV files."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from jobmill.errors import CallerError, Unprocessable, UnsupportedKind
from jobmill.jobs.job import StoredReport
from jobmill.log import logger
from jobmill.media_types import MEDIA_TYPES
from jobmill.reports.ranged import FetchedTooMuch, RangedFile
from jobmill.tables.csv_preview import HEAD_BYTES, preview_csv
from jobmill.tables.preview import Preview
from jobmill.tables.workbook.preview import preview_workbook

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

type Fetch = Callable[[int, int], bytes]
_UNREADABLE: Final = "The report cannot be shown here: it is damaged, or made in an unusual way. Download it instead."


def preview_of(report: StoredReport, fetch: Fetch) -> Preview:
    """The first rows of the report, whose bytes from first to last `fetch` gives.

    Raises UnsupportedKind `no-preview` for a file of another kind, Unprocessable `unreadable-report` for a broken one.
    """
    reader = _READERS.get(report.content_type.partition(";")[0])
    if reader is None:
        raise UnsupportedKind("no-preview", "Only workbooks (.xlsx) and CSV files are shown here. Download the report.")
    try:
        return reader(report.size_bytes, fetch)
    except (CallerError, FetchedTooMuch) as error:
        logger.info("report not previewed", key=report.key, why=getattr(error, "code", "fetched-too-much"))
        raise Unprocessable("unreadable-report", _UNREADABLE) from error


def from_s3(s3: "S3Client", bucket: str, key: str) -> Fetch:
    """Fetches ranges of an object."""

    def fetch(first: int, last: int) -> bytes:
        return s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={first}-{last}")["Body"].read()

    return fetch


def _csv(size: int, fetch: Fetch) -> Preview:
    read = min(size, HEAD_BYTES)
    return preview_csv(fetch(0, read - 1) if read else b"", is_whole=read == size)


def _workbook(size: int, fetch: Fetch) -> Preview:
    file = RangedFile(fetch, size)
    return preview_workbook(file.open, size)


_READERS: Final = {"text/csv": _csv, MEDIA_TYPES["xlsx"]: _workbook}
