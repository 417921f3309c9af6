"""Analyses of a file in the words of their own routes: start, look, wait, fetch the workbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import uuid4

import requests

from jobmill_client.answers import read
from jobmill_client.api import Api, path_part
from jobmill_client.errors import AnalysisTimeout, Misuse
from jobmill_client.files import FormBody
from jobmill_client.models import JsonObject
from jobmill_client.waiting import Patience, wait_until_ended

PREFIX = "/api/v1/analysis"
FORM_BYTES = 4_000_000
"""The largest file that goes by a form; larger ones go by `upload` and `submit("Analysis", …)`."""


@dataclass(frozen=True, kw_only=True)
class AnalysisError:
    """Why an analysis failed: a sentence, and more about it."""

    message: str
    details: str


@dataclass(frozen=True, kw_only=True)
class AnalysisStatus:
    """How an analysis stands: `status` is `processing`, `completed` or `failed`, with what belongs to it.

    Where the result is `is_truncated`, the API's `results_url` has all of it. `raw` is the whole answer.
    """

    job_id: str
    status: str
    progress: int = 0
    message: str | None = None
    data_source: str | None = None
    summary: JsonObject = field(default_factory=dict)
    onpage_results: tuple[JsonObject, ...] = ()
    keyword_mapping: tuple[JsonObject, ...] = ()
    excel_file: str | None = None
    download_url: str | None = None
    results_url: str | None = None
    is_truncated: bool = False
    error: AnalysisError | None = None
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.status in ("completed", "failed")

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        error = raw.get("error")
        return cls(
            job_id=raw["jobId"],
            status=raw["status"],
            progress=100 if raw["status"] == "completed" else int(raw.get("progress") or 0),
            message=raw.get("message"),
            data_source=raw.get("dataSource"),
            summary=raw.get("summary") or {},
            onpage_results=tuple(raw.get("onpageResults") or ()),
            keyword_mapping=tuple(raw.get("keywordMapping") or ()),
            excel_file=raw.get("excelFile"),
            download_url=raw.get("downloadUrl"),
            results_url=raw.get("resultsUrl"),
            is_truncated=bool(raw.get("truncated")),
            error=AnalysisError(message=error["message"], details=error["details"]) if error else None,
            raw=raw,
        )


def _ignore(_: object) -> None:
    """For a caller who does not want to be told."""


class Analyses:
    """The client's calls of the analysis routes."""

    _api: Api
    _sleep: Callable[[float], None]
    _clock: Callable[[], float]

    def analyze_file(
        self,
        path: str | Path,
        *,
        filter_option: str = "all",
        project_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> str:
        """Start the analysis of a crawl's export or a list of keywords, of up to 4 MB. The id to look it up by.

        `filter_option` is `all` or `recommended`; without a project it is the only one that the caller may change.
        Raises Misuse for a larger file, OSError for one that cannot be read.
        """
        path = Path(path)
        size_bytes = path.stat().st_size
        if size_bytes > FORM_BYTES:
            raise Misuse(f'{path.name} has over 4 MB: send it by upload(…), and then submit("Analysis", …).')
        fields = {"filterOption": filter_option} | ({} if project_id is None else {"projectId": project_id})
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        with path.open("rb") as file:
            form = FormBody(fields, file, path.name, size_bytes, _ignore)
            response = self._api.post(f"{PREFIX}/analyze-file", form, form.content_type, headers=headers)
        return read(response, lambda raw: str(raw["jobId"]))

    def check_job_status(self, job_id: str) -> AnalysisStatus:
        """How the analysis stands now. Raises ApiProblem 404 for an id that is none of `analyze_file`."""
        return read(self._look(job_id), AnalysisStatus.from_json)

    def wait_for_analysis(
        self,
        job_id: str,
        on_change: Callable[[AnalysisStatus], None] = _ignore,
        timeout: float | None = None,
    ) -> AnalysisStatus:
        """The analysis as it ended, completed or failed.

        Looks as often as the API's Retry-After says. `on_change` is told the first sight of it and each change.
        Raises AnalysisTimeout after `timeout` seconds; it goes on.
        """

        def look() -> tuple[AnalysisStatus, requests.Response]:
            response = self._look(job_id)
            return read(response, AnalysisStatus.from_json), response

        patience = Patience(timeout, self._sleep, self._clock)
        return wait_until_ended(look, on_change, lambda _: AnalysisTimeout(job_id, timeout or 0), patience)

    def _look(self, job_id: str) -> requests.Response:
        return self._api.call("GET", f"{PREFIX}/job/{path_part(job_id)}")
