"""Answers' headers, kinds of problems, and counts under repeats."""

import json
import os
import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from botocore.exceptions import ClientError, EndpointConnectionError

from jobmill.callers import caller_of
from jobmill.errors import DependencyError, JobmillError
from jobmill.jobs.rows import MarkRow
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import Status
from jobmill.processing.context import Context
from jobmill.reports.storage import attachment
from jobmill.settings import read_settings, settings
from jobmill.times import iso
from jobs_api.problems import handle_errors
from tests.stack import builders
from tests.stack.http import EVENT, LambdaContext, call
from tests.stack.stream import notify, record
from tests.stack.test_api_jobs import import_request
from tests.stack.test_api_lists import pages
from tests.stack.test_attempt import attempt
from tests.stack.test_counters import history, stats
from tests.stack.test_processors import PLAIN, run, run_import

pytestmark = pytest.mark.usefixtures("cloud")


def test_problems_by_kind() -> None:
    app = APIGatewayHttpResolver(enable_validation=True)
    handle_errors(app)
    errors = {
        "dependency": (DependencyError("busy", "Busy."), 503, "busy"),
        "boto": (EndpointConnectionError(endpoint_url="secret"), 503, "unavailable"),
        "client": (ClientError({"Error": {"Code": "secret"}}, "X"), 503, "unavailable"),
        "ours": (JobmillError("secret", "secret"), 500, "internal-error"),
        "bug": (ZeroDivisionError("secret"), 500, "internal-error"),
    }

    @app.get("/<name>")
    def broken(name: str) -> None:
        raise errors[name][0]

    for name, (_, status, code) in errors.items():
        event = json.loads(json.dumps(EVENT))
        event["rawPath"] = event["requestContext"]["http"]["path"] = f"/{name}"
        answer = app.resolve(event, LambdaContext())
        assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (status, code)
        assert "secret" not in answer["body"]
        headers = answer["headers"]
        assert (headers["Content-Type"], headers["Cache-Control"]) == ("application/problem+json", "no-store")
        assert ("Retry-After" in headers) == (status == 503)


def test_the_options_are_kept_and_params_stay_as_given() -> None:
    request = import_request()
    answer = call("POST", "/api/jobs", request | {"options": {"runLimitSeconds": 5}})
    job = store().get(answer.body["id"])
    assert job.run_limit == timedelta(seconds=5)
    assert job.params == request["params"]


def test_a_type_may_have_a_run_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN_LIMIT_SECONDS", "60")
    monkeypatch.setenv("RUN_LIMIT_SECONDS_Import", "90")
    monkeypatch.setenv("RUN_LIMIT_SECONDS_Export", "0")
    settings.cache_clear()
    assert store().get(call("POST", "/api/jobs", import_request()).body["id"]).run_limit == timedelta(seconds=90)
    assert read_settings(os.environ).run_limits.keys() == {"Custom", "Import"}


def test_a_job_is_cached_by_nobody_and_polled_only_while_under_way() -> None:
    waiting, done = (call("GET", f"/api/jobs/{job.id}") for job in (builders.queued(), builders.completed()))
    assert waiting.headers["cache-control"] == done.headers["cache-control"] == "private, no-cache"
    assert "retry-after" in waiting.headers
    assert "retry-after" not in done.headers


def test_a_body_just_under_4_mb_is_read() -> None:
    assert call("POST", "/api/jobs", raw_body='"' + "x" * 3_999_990 + '"').status == 400


def test_pages_stay_within_until() -> None:
    jobs = [builders.queued() for _ in range(2)]
    threading.Event().wait(0.005)
    late = builders.queued()
    found = pages(f"/api/jobs?limit=1&until={iso(late.created_at)}")
    assert sum(found, []) == [job.id for job in reversed(jobs)]


def test_an_empty_span_is_an_empty_page() -> None:
    builders.queued()
    assert call("GET", "/api/jobs?from=2027-01-01T00:00:00Z&until=2026-01-01T00:00:00Z").body == []


def test_a_group_that_only_sounds_like_it_makes_no_admin() -> None:
    assert not caller_of({"sub": "x", "g": "[admins admin:reader x-admin]"}, "g").is_admin


def test_a_report_s_link_is_short_and_names_the_file() -> None:
    run_import(PLAIN)
    job = run("Export", {"dataset": "places", "format": "csv"})
    answer = call("GET", f"/api/jobs/{job.id}/reports/places-v1.csv")
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert query["X-Amz-Expires"] == "300"
    assert query["response-content-type"] == "text/csv; charset=utf-8"
    assert query["response-content-disposition"] == attachment("places-v1.csv")
    assert attachment("a/ü.csv") == "attachment; filename=\"a-u.csv\"; filename*=UTF-8''a%2F%C3%BC.csv"


def test_a_job_that_comes_and_goes_in_one_batch_counts_nothing() -> None:
    images = history(Status.COMPLETED)
    notify(record(images[0]))
    notify(*map(record, images), record(None, old=images[-1]))
    assert stats()["total"] == 0


def test_rows_beside_the_job_are_not_counted_whatever_they_hold() -> None:
    image = history(Status.QUEUED)[0]
    notify(record(image | {"sk": {"S": "event#1"}}))
    assert stats()["total"] == 0


def test_two_counters_at_once_count_a_job_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one counts between this one's reading of the marks and its writing."""
    images = history(Status.RUNNING)
    read, others = MarkRow.batch_get, [images[1]]

    def overtaken(*args: object, **kwargs: object) -> object:
        marks = list(read(*args, **kwargs))
        if others:
            notify(record(others.pop()))
        return marks

    monkeypatch.setattr(MarkRow, "batch_get", overtaken)
    notify(record(images[0]))
    assert (stats()["queued"], stats()["running"]) == (0, 1)


def test_work_that_ignores_its_run_limit_completes_nothing(kit) -> None:
    job = lifecycle().create_job(
        type="Import", project_id="demo", created_by="u", run_limit=timedelta(milliseconds=30), params={}
    )

    def work(context: Context) -> dict:
        stopped = threading.Event()
        context.on_stop(stopped.set)
        assert stopped.wait(20)
        return {"rows": 3}

    error = attempt(job, work, kit).error
    assert error is not None
    assert error.code == "run-limit"
