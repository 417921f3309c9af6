"""The client: Jobmill's HTTP API as a handful of typed calls.

with Client("https://x.execute-api.eu-central-1.amazonaws.com", token) as client:
    job = client.import_file("customers.csv", dataset="customers", project_id="demo")
    print(job.result)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Self, Unpack
from uuid import uuid4

import requests

from jobmill_client.analyses import Analyses
from jobmill_client.answers import problem, read
from jobmill_client.api import PAGE_LIMIT, Api, path_part
from jobmill_client.bulk import ManyJobs
from jobmill_client.datasets import Datasets
from jobmill_client.errors import ApiProblem, WaitTimeout
from jobmill_client.files import Files, check_target
from jobmill_client.job_params import (
    ExportChoices,
    FileForm,
    ImportChoices,
    correction_params,
    export_params,
    import_params,
    scenario_params,
    validation_params,
)
from jobmill_client.links import Links
from jobmill_client.me import Me
from jobmill_client.models import (
    Event,
    Exported,
    Job,
    JsonObject,
    Project,
    Stats,
    StatusChange,
    Summary,
    instant,
)
from jobmill_client.tasks import Tasks
from jobmill_client.transport import RETRIES, Transport
from jobmill_client.waiting import Patience, wait_until_ended

TIMEOUT_SECONDS = 30.0
"""The API's own limit is 29 s."""

type OnChange = Callable[[Job], None]


def _ignore(_: object) -> None:
    """For a caller who does not want to be told."""


class Client(ManyJobs, Datasets, Files, Links, Analyses, Tasks):
    """Calls the API at `api_url` with an ID token; one object is for one thread.

    Every method raises ApiProblem (NotAuthorized for 401 and 403) for what the API refuses, and Unreachable
    when it does not answer. Requests that may be repeated are: `retries` times on 429, 5xx and broken
    connections, with backoff or as long as Retry-After says (at most 30 s).
    """

    def __init__(
        self,
        api_url: str,
        token: str,
        timeout: float = TIMEOUT_SECONDS,
        *,
        retries: int = RETRIES,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`timeout` in seconds; `sleep` and `clock` are those of `wait`.

        Raises ValueError for what is no http(s) URL, or cannot be a token.
        """
        self._transport = Transport(timeout, retries)
        self._api = Api(api_url, token, self._transport)
        self._sleep, self._clock = sleep, clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept connections."""
        self._transport.close()

    # jobs

    def submit(
        self,
        type: str,
        params: JsonObject,
        *,
        project_id: str,
        run_limit_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Submit a job to the project, with an Idempotency-Key: a repeated request makes no second job."""
        body: dict[str, Any] = {"type": type, "projectId": project_id, "params": params}
        if run_limit_seconds is not None:
            body["options"] = {"runLimitSeconds": run_limit_seconds}
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        return read(self._api.call("POST", "/api/jobs", body, headers=headers), Job.from_json)

    def job(self, job_id: str) -> Job:
        """The whole job as it is now."""
        return read(self._api.call("GET", f"/api/jobs/{path_part(job_id)}"), Job.from_json)

    def events(self, job_id: str) -> tuple[Event, ...]:
        """All that happened to the job, oldest first: who wanted what, each attempt, each error."""
        response = self._api.call("GET", f"/api/jobs/{path_part(job_id)}/events")
        return read(response, lambda rows: tuple(map(Event.from_json, rows)))

    def jobs(
        self,
        *,
        project_id: str | None = None,
        status: str | None = None,
        type: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[Summary]:
        """The jobs, newest first, page after page as they are asked for; `limit` is of all, not of a page.

        `since` and `until` are aware times. An admin has to name a project.
        """
        wanted = {
            "projectId": project_id,
            "status": status,
            "type": type,
            "from": None if since is None else instant(since),
            "until": None if until is None else instant(until),
            "limit": str(PAGE_LIMIT if limit is None else max(1, min(limit, PAGE_LIMIT))),
        }
        query = {name: value for name, value in wanted.items() if value is not None}
        rows = (row for page in self._api.pages("/api/jobs", query) for row in page)
        return (_summary(row) for row in islice(rows, limit))

    def stats(self, project_id: str) -> Stats:
        """How many of the project's jobs are in each status."""
        return read(self._api.call("GET", f"/api/jobs/projects/{path_part(project_id)}/stats"), Stats.from_json)

    def cancel(self, job_id: str) -> StatusChange:
        """End a Queued or Running job; a Cancelled one stays so. Raises ApiProblem 409 for an ended one."""
        return read(self._api.call("POST", f"/api/jobs/{path_part(job_id)}/cancel"), StatusChange.from_json)

    def retry(self, job_id: str, params: JsonObject | None = None) -> StatusChange:
        """Queue a Failed or Cancelled job again, with new `params` if given. Not repeated by itself."""
        body = None if params is None else {"params": params}
        response = self._api.call("POST", f"/api/jobs/{path_part(job_id)}/retry", body, repeatable=False)
        return read(response, StatusChange.from_json)

    def delete(self, job_id: str) -> None:
        """Delete an ended job with its reports and links; a dataset keeps its rows. Raises ApiProblem 409."""
        response = self._api.call("DELETE", f"/api/jobs/{path_part(job_id)}", repeatable=False)
        if not response.ok:
            raise problem(response)

    def wait(self, job_id: str, on_change: OnChange = _ignore, timeout: float | None = None) -> Job:
        """The job as it ended, in any status; `job.raise_unless_completed()` makes an error of a bad end.

        Looks as often as the API's Retry-After says. `on_change` is told the first sight of the job and each
        change of it. Raises WaitTimeout after `timeout` seconds; the job goes on.
        """

        def look() -> tuple[Job, requests.Response]:
            response = self._api.call("GET", f"/api/jobs/{path_part(job_id)}")
            return read(response, Job.from_json), response

        patience = Patience(timeout, self._sleep, self._clock)
        return wait_until_ended(look, on_change, lambda job: WaitTimeout(job, timeout or 0), patience)

    # projects

    def me(self) -> Me:
        """Who the token is of, and its projects."""
        return read(self._api.call("GET", "/api/me"), Me.from_json)

    def project(self, project_id: str) -> Project:
        """The project's name and settings."""
        return read(self._api.call("GET", f"/api/projects/{path_part(project_id)}"), Project.from_json)

    def put_project(self, project_id: str, name: str, settings: JsonObject | None = None) -> Project:
        """Name a project, making it if it is new; admins only."""
        body = {"name": name} if settings is None else {"name": name, "settings": settings}
        return read(self._api.call("PUT", f"/api/projects/{path_part(project_id)}", body), Project.from_json)

    # the jobs of Jobmill's own types

    def import_file(
        self,
        path: str | Path,
        *,
        dataset: str,
        project_id: str,
        on_change: OnChange = _ignore,
        timeout: float | None = None,
        **choices: Unpack[ImportChoices],
    ) -> Job:
        """Upload a CSV or XLSX file and import it into the dataset's next version. The completed job.

        Of what may be chosen: `ImportChoices`. Rows may be bad all the same: `job.result["errors"]` of them; their
        workbook is the report errors.xlsx, also of a job that failed for them (`JobFailed.job`).
        Raises JobFailed, WaitTimeout.
        """
        upload_id = self.upload(path, project_id=project_id)
        return self._done("Import", import_params(upload_id, dataset, **choices), project_id, on_change, timeout)

    def import_corrections(
        self,
        path: str | Path,
        *,
        continues: str,
        project_id: str,
        on_change: OnChange = _ignore,
        timeout: float | None = None,
        **form: Unpack[FileForm],
    ) -> Job:
        """Send the corrected errors.xlsx of the import `continues`: its rows join the dataset, none of them twice.

        Raises JobFailed, WaitTimeout; ApiProblem 409 `dataset-changed` if the dataset was replaced since.
        """
        upload_id = self.upload(path, project_id=project_id)
        return self._done("Import", correction_params(upload_id, continues, **form), project_id, on_change, timeout)

    def export(
        self,
        dataset: str,
        target: str | Path,
        *,
        project_id: str,
        on_change: OnChange = _ignore,
        timeout: float | None = None,
        **choices: Unpack[ExportChoices],
    ) -> Exported:
        """Write rows of a dataset to a file at `target` (or, into a folder, to as many as the job made).

        Of what may be chosen: `ExportChoices`. Raises JobFailed, WaitTimeout.
        """
        check_target(Path(target))
        job = self._done("Export", export_params(dataset, **choices), project_id, on_change, timeout)
        return Exported(job=job, files=self.download_all(job, target))

    def validate(
        self,
        dataset: str,
        *,
        project_id: str,
        version: int | None = None,
        schema: JsonObject | None = None,
        checks: Sequence[JsonObject] = (),
        on_change: OnChange = _ignore,
        timeout: float | None = None,
    ) -> Job:
        """Judge a version by a schema, by checks, or (without both) by the schema that it was imported with.

        The completed job, with `job.result["valid"]`; its only report is a workbook. Raises JobFailed, WaitTimeout.
        """
        params = validation_params(dataset, version=version, schema=schema, checks=checks)
        return self._done("Validation", params, project_id, on_change, timeout)

    def run_scenario(
        self, scenario: JsonObject, *, project_id: str, on_change: OnChange = _ignore, timeout: float | None = None
    ) -> Job:
        """Take the steps of a scenario. The completed job, also if steps failed: `job.result["failed"]` of them.

        Its only report is a workbook. Raises JobFailed, WaitTimeout.
        """
        return self._done("TestRun", scenario_params(scenario), project_id, on_change, timeout)

    def _done(self, type: str, params: JsonObject, project_id: str, on_change: OnChange, timeout: float | None) -> Job:
        job = self.submit(type, params, project_id=project_id)
        return self.wait(job.id, on_change, timeout).raise_unless_completed()


def _summary(row: JsonObject) -> Summary:
    try:
        return Summary.from_json(row)
    except (KeyError, TypeError, ValueError) as error:
        detail = "A job of the list is not what Jobmill's API gives."
        raise ApiProblem(200, "unreadable-answer", "The answer could not be read", detail) from error
