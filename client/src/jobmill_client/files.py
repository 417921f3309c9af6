"""Whole files to and from the store behind presigned URLs, in constant memory and without the token."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import BinaryIO
from urllib.parse import urljoin
from uuid import uuid4

import requests
from urllib3.fields import RequestField
from urllib3.filepost import choose_boundary, encode_multipart_formdata

from jobmill_client.answers import problem, read
from jobmill_client.api import Api, path_part
from jobmill_client.errors import DownloadMismatch, FileChanged
from jobmill_client.models import Job, Report, UploadForm
from jobmill_client.row_errors import ERRORS_TABLE, RowError, read_row_errors
from jobmill_client.transport import NoAuthorization, Transport, network_errors

CHUNK_BYTES = 256 * 1024
STORE_ANSWER_SECONDS = 300.0
"""How long the store may take to answer after the last byte of an upload."""

CONTENT_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

type OnBytes = Callable[[int], None]
"""Told how many bytes of the file have gone so far; the number falls when a try is repeated."""


def _ignore(_: int) -> None:
    """For a caller who does not want to be told."""


class Files:
    """The client's calls that move files: uploads, and the reports of jobs."""

    _api: Api
    _transport: Transport

    def upload(self, path: str | Path, *, project_id: str, on_bytes: OnBytes = _ignore) -> str:
        """Put a file into the store, streamed; its upload id serves any of the project's jobs for 15 days.

        `on_bytes` is told how many bytes have gone. Raises OSError when the file cannot be read.
        """
        path = Path(path)
        with path.open("rb") as file:
            body = {
                "projectId": project_id,
                "filename": path.name,
                "contentType": content_type(path),
                "sizeBytes": path.stat().st_size,
            }
            form = read(self._api.call("POST", "/api/uploads", body), UploadForm.from_json)
            send_file(self._transport, form, path, file, on_bytes)
        return form.upload_id

    def download(self, job: Job | str, name: str | None, target: str | Path, *, on_bytes: OnBytes = _ignore) -> Path:
        """Save the job's report `name` (None: its only one) as `target`, or into it when it is a folder.

        A failed job may have reports, too. The file appears whole and with the SHA-256 that the job lists, or not at
        all. Gives its path. Raises ReportUnknown, DownloadMismatch, OSError.
        """
        job = read(self._api.call("GET", f"/api/jobs/{path_part(job)}"), Job.from_json) if isinstance(job, str) else job
        report = job.report(name)
        path = target_path(Path(target), report)
        link = self._api.call("GET", f"/api/jobs/{path_part(job.id)}/reports/{path_part(report.name)}")
        if not link.is_redirect:
            raise problem(link)
        save(self._transport, urljoin(link.url, link.headers["Location"]), report, path, on_bytes)
        return path

    def download_all(self, job: Job, target: str | Path) -> tuple[Path, ...]:
        """Save every report of the job: a single one as `target`, several beside it under their own names.

        Into `target`, when that is a folder. Raises what `download` raises.
        """
        return tuple(self.download(job, report.name, path) for report, path in targets(job, Path(target)))

    def row_errors(self, job: Job) -> Iterator[RowError]:
        """Every error of an import's bad rows, by its errors.csv, as they are asked for; none without that report.

        Of a job that failed for them, too (`JobFailed.job`). Raises what `download` raises.
        """
        if any(report.name == ERRORS_TABLE for report in job.reports):
            with TemporaryDirectory() as folder:
                yield from read_row_errors(self.download(job, ERRORS_TABLE, Path(folder)))


def content_type(path: Path) -> str:
    """The media type by the file's suffix; one table, since `mimetypes` differs between systems."""
    return CONTENT_TYPES.get(path.suffix.lower(), "application/octet-stream")


class FormBody:
    """A multipart form whose last field is an open file, read as it is sent.

    requests would build the whole form in memory. S3 wants a Content-Length, so the length is known from
    the start (`len`, as requests looks for it) and exactly `size_bytes` of the file are sent. `seek` lets
    urllib3 repeat a try.
    """

    def __init__(
        self, fields: Mapping[str, str], file: BinaryIO, filename: str, size_bytes: int, on_bytes: OnBytes
    ) -> None:
        boundary = choose_boundary()
        part = RequestField("file", b"", filename=filename)
        part.make_multipart(content_type=fields.get("Content-Type", "application/octet-stream"))
        form, self.content_type = encode_multipart_formdata(fields, boundary)
        closing = f"--{boundary}--\r\n".encode()
        self._head = form.removesuffix(closing) + f"--{boundary}\r\n{part.render_headers()}".encode()
        self._tail = b"\r\n" + closing
        self._file, self._size_bytes, self._on_bytes = file, size_bytes, on_bytes
        self.len = len(self._head) + size_bytes + len(self._tail)
        self._at = 0

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read(CHUNK_BYTES):
            yield block

    def tell(self) -> int:
        """How many bytes of the form have been read."""
        return self._at

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        """Go to `position`, counted from the start, or from the end for SEEK_END."""
        self._at = position + (self.len if whence == io.SEEK_END else 0)
        self._file.seek(max(0, self._at - len(self._head)))
        return self._at

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; b"" at the end. Raises FileChanged when the file has become shorter."""
        wanted = min(CHUNK_BYTES if size < 0 else size, CHUNK_BYTES, self.len - self._at)
        block = self._block(wanted)
        self._at += len(block)
        return block

    def _block(self, wanted: int) -> bytes:
        in_file = self._at - len(self._head)
        if in_file < 0:
            return self._head[self._at :][:wanted]
        if in_file >= self._size_bytes:
            return self._tail[in_file - self._size_bytes :][:wanted]
        block = self._file.read(min(wanted, self._size_bytes - in_file))
        if not block:
            raise FileChanged("The file became shorter while it was being uploaded; try again.")
        self._on_bytes(in_file + len(block))
        return block


def send_file(transport: Transport, form: UploadForm, path: Path, file: BinaryIO, on_bytes: OnBytes) -> None:
    """Post `file` to the store. Safe to repeat: the form always writes the same object.

    Raises ApiProblem with the store's own code (`EntityTooLarge`, …), Unreachable, FileChanged.
    """
    size_bytes = os.fstat(file.fileno()).st_size
    body = FormBody(form.fields, file, path.name, size_bytes, on_bytes)
    headers = {"Content-Type": body.content_type}
    request = requests.Request("POST", form.url, data=body, headers=headers, auth=NoAuthorization())
    response = transport.send(request, repeatable=True, timeout=STORE_ANSWER_SECONDS)
    if not response.ok or response.is_redirect:
        raise problem(response)


def check_target(target: Path) -> None:
    """Raise NotADirectoryError when there is no folder to save `target` in: before the work, not after it."""
    if not target.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "There is no such folder", str(target.parent))


def target_path(target: Path, report: Report) -> Path:
    """Where to save `report`: `target`, or a file of the report's name in the folder `target`.

    Only the last part of the name counts: the API's answer does not choose a folder.
    """
    if not target.is_dir():
        return target
    return target / (PureWindowsPath(PurePosixPath(report.name).name).name or "report")


def targets(job: Job, target: Path) -> list[tuple[Report, Path]]:
    """Each report of the job and where it goes: a single one to `target`, several into its folder.

    Raises ReportUnknown when there is none.
    """
    if len(job.reports) <= 1:
        return [(job.report(), target)]
    folder = target if target.is_dir() else target.parent
    return [(report, folder) for report in job.reports]


def save(transport: Transport, url: str, report: Report, target: Path, on_bytes: OnBytes) -> None:
    """Fetch the presigned `url` into `target`, which appears whole and checked, or not at all.

    Raises DownloadMismatch, ApiProblem, Unreachable, OSError. An older file at `target` stays on failure.
    """
    with appearing(target) as file:
        _fetch(transport, url, report, file, on_bytes)


@contextmanager
def appearing(target: Path) -> Iterator[BinaryIO]:
    """A file to write that becomes `target` at the end, or is gone on failure; an older one at `target` stays then."""
    unfinished = target.parent / f".{uuid4().hex}.part"
    try:
        with unfinished.open("xb") as file:
            yield file
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def stored(transport: Transport, url: str) -> Iterator[requests.Response]:
    """The store's good answer to the presigned `url`, its body still to be read; asked for without the token.

    Raises ApiProblem for what the store refuses; Unreachable, also when the body breaks off.
    """
    headers = {"Accept-Encoding": "identity"}
    request = requests.Request("GET", url, headers=headers, auth=NoAuthorization())
    with network_errors(url), transport.send(request, repeatable=True, stream=True) as response:
        if not response.ok or response.is_redirect:
            raise problem(response)
        yield response


def _fetch(transport: Transport, url: str, report: Report, file: BinaryIO, on_bytes: OnBytes) -> None:
    digest, size_bytes = hashlib.sha256(), 0
    with stored(transport, url) as response:
        for block in response.iter_content(CHUNK_BYTES):
            size_bytes += len(block)
            if size_bytes > report.size_bytes:
                break
            file.write(block)
            digest.update(block)
            on_bytes(size_bytes)
    if digest.hexdigest() != report.sha256:
        raise DownloadMismatch(f"The bytes of {report.name} are not those that the job lists; nothing was kept.")
