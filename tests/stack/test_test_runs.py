"""TestRun as its processor does it: real datasets and requests; S3 and the table in memory."""

import io
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from openpyxl import load_workbook

from jobmill.jobs.job import Job
from jobmill.jobs.status import Status
from jobmill.processing.attempt import Tools
from jobmill.settings import settings
from tests.peers import Peer, answer_json, peer
from tests.stack.conftest import BUCKETS
from tests.stack.http import call
from tests.stack.test_processors import deliver, kit_with, run, run_import, submit

NO_TIME = timedelta(0)
PLACES = (
    b"code,name,opened,height,seats,open\n"
    b"007,Oslo,2024-02-29,0.1,3,true\n"
    b"008,Bergen,,0.2,900000000000000,true\n"
    b"009,=Bodo,2025-01-01,,900000000000001,false\n"
)


@pytest.fixture
def one() -> Iterator[Peer]:
    """A peer that answers some JSON."""
    content = {"ok": True, "count": 3, "a/b": [{"~": None}, "x"], "big": 12345678901234567890}
    with peer(answer_json(content)) as made:
        yield made


@pytest.fixture(autouse=True)
def hosts(cloud: None, one: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The peer is listed, under an address and a name."""
    monkeypatch.setenv("HTTP_TEST_HOSTS", f"127.0.0.1:{one.port}, peer.internal:{one.port}=127.0.0.1,example.com")
    settings.cache_clear()


def scenario(*steps: dict[str, Any], **named: Any) -> dict[str, Any]:
    return {"scenario": {"name": "Nightly", "steps": list(steps)} | named}


def figure(measure: str, op: str, value: Any, **named: Any) -> dict[str, Any]:
    return {"type": "dataset", "dataset": "places", "measure": measure, "expect": {"op": op, "value": value}} | named


def request(url: str, **expect: Any) -> dict[str, Any]:
    return {"type": "http", "request": {"method": "GET", "url": url}, "expect": expect or {"status": 200}}


def result_of(*steps: dict[str, Any], **named: Any) -> dict[str, Any]:
    job = run("TestRun", scenario(*steps, **named))
    assert job.status is Status.COMPLETED, job.error
    assert isinstance(job.result, dict)
    return job.result


def step_result(step: dict[str, Any]) -> dict[str, Any]:
    (found,) = result_of(step)["steps"]
    return dict(found)


AS_EXPECTED = [
    figure("count", "=", 3),
    figure("count", "=", 2, where=[{"column": "opened", "op": "notNull"}]),
    figure("count", "<", 1, where=[{"column": "name", "op": "=", "value": "nobody"}]),
    figure("min", "=", "2024-02-29", column="opened"),
    figure("max", ">=", "2025-01-01", column="opened"),
    figure("max", "<", 0.3, column="height"),
    figure("min", "=", "007", column="code"),
    figure("sum", "=", 0.3, column="height"),
    figure("sum", "=", 1_800_000_000_000_004, column="seats"),
    figure("sum", "!=", 1_800_000_000_000_005, column="seats"),
    figure("sum", "=", 0, column="seats", where=[{"column": "code", "op": "=", "value": "none"}]),
    figure("distinct", "=", 2, column="opened"),
    figure("distinct", "<=", 2, column="open"),
    figure("count", "=", 3, version=1),
]


def test_figures_as_expected_pass() -> None:
    run_import(PLACES)
    found = result_of(*AS_EXPECTED)["steps"]
    assert [(each["name"], each["status"], each["message"]) for each in found] == [
        (each["name"], "passed", "") for each in found
    ]


FAILING: list[tuple[dict[str, Any], str, str]] = [
    (figure("count", "=", 4), "not-as-expected", "count is 3, which is not = 4."),
    (
        figure("max", "<", "2025-01-01", column="opened"),
        "not-as-expected",
        "max is 2025-01-01, which is not < 2025-01-01.",
    ),
    (
        figure("sum", "=", 1_800_000_000_000_005, column="seats"),
        "not-as-expected",
        "sum is 1800000000000004, which is not = 1800000000000005.",
    ),
    (figure("max", "=", 1, column="hieght"), "unknown-column", 'The table has no column "hieght". Did you mean '),
    (figure("count", "=", 1, where=[{"column": "seats", "op": "=", "value": "x"}]), "bad-filter", '"seats" holds'),
    (
        figure("min", "=", 5, column="opened"),
        "bad-expectation",
        '"opened" holds date: give a date like 2024-02-29.',
    ),
    (figure("count", "=", "3"), "bad-expectation", '"count" gives a number: expect one.'),
    (figure("sum", "=", True, column="seats"), "bad-expectation", '"sum" gives a number: expect one.'),
    (figure("sum", "=", 1, column="name"), "bad-measure", '"name" holds text, which has no sum.'),
    (figure("max", "=", True, column="open"), "bad-measure", '"open" is true or false'),
    (
        figure("max", "!=", 1, column="height", where=[{"column": "code", "op": "=", "value": "x"}]),
        "no-values",
        'No row that is asked has a value in "height".',
    ),
    (figure("count", "=", 1, version=7), "version-not-found", "The dataset places has no version 7"),
    (figure("count", "=", 1, dataset="nowhere"), "dataset-not-found", "There is no dataset nowhere"),
]


def test_a_step_that_is_not_as_expected_or_cannot_be_judged_says_why() -> None:
    run_import(PLACES)
    found = result_of(*(step for step, _, _ in FAILING))["steps"]
    assert [(each["status"], each["code"]) for each in found] == [("failed", code) for _, code, _ in FAILING]
    begun = [each["message"][: len(message)] for each, (_, _, message) in zip(found, FAILING, strict=True)]
    assert begun == [message for _, _, message in FAILING]


def test_a_validation_step_passes_where_the_dataset_is_valid() -> None:
    run_import(PLACES)
    heights = {"fields": [{"name": "height", "type": "number", "constraints": {"minimum": 0, "maximum": 1}}]}
    filled = [{"name": "opened", "type": "date", "constraints": {"required": True}}]
    valid, not_valid, unknown, mixed = result_of(
        {"type": "validation", "dataset": "places", "schema": heights},
        {"type": "validation", "dataset": "places", "schema": {"fields": filled}},
        {"type": "validation", "dataset": "places", "schema": {"fields": [{"name": "hieght", "type": "number"}]}},
        {"type": "validation", "dataset": "places", "checks": [{"name": "many", "rowCount": {"min": 10}}]},
    )["steps"]
    assert (valid["status"], valid["name"], valid["actual"]) == ("passed", "validation of places", "valid")
    assert not_valid["message"] == "The dataset is not valid: opened required (1)."
    assert (not_valid["code"], unknown["code"], mixed["actual"]) == ("not-as-expected", "unknown-column", "errors: 1")
    assert "many (1)" in mixed["message"]


def test_several_datasets_and_versions_are_asked_in_one_run() -> None:
    run_import(PLACES)
    run_import(b"name\nx\n")
    counts = [figure("count", "=", 3, version=1), figure("count", "=", 1), figure("count", "=", 3, version=1)]
    assert result_of(*counts)["passed"] == 3


def test_a_listed_address_and_a_listed_name_are_asked(one: Peer) -> None:
    expect: dict[str, Any] = {"status": 200, "json": [{"pointer": "/ok", "op": "=", "value": True}]}
    steps = [request(f"http://{host}:{one.port}/", **expect) for host in ("127.0.0.1", "peer.internal")]
    found = result_of(*steps, request(one.url, status=404))["steps"]
    assert [each["status"] for each in found] == ["passed", "passed", "failed"]
    assert (found[0]["expected"], found[0]["actual"]) == ("status = 200; /ok = true", "status 200; /ok true")
    assert (found[2]["code"], found[2]["message"]) == ("not-as-expected", "The status is 200, not 404.")
    assert one.connections == 3


def test_a_request_is_sent_with_its_headers_and_its_body_as_json(one: Peer) -> None:
    step = request(one.url)
    step["request"] |= {"method": "POST", "headers": {"Authorization": "Bearer s3cret"}, "body": {"a": ["ü", None]}}
    assert step_result(step)["status"] == "passed"
    assert json.loads(one.bodies[0]) == {"a": ["ü", None]}
    assert (one.headers()["authorization"], one.headers()["content-type"]) == ("Bearer s3cret", "application/json")


@pytest.mark.parametrize("answered", ["nobody", "not-http"])
def test_a_peer_that_cannot_be_asked_fails_the_step_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, answered: str
) -> None:
    with peer(lambda connection: connection.sendall(b"?\r\n")) as other:
        monkeypatch.setenv("HTTP_TEST_HOSTS", f"127.0.0.1:{other.port}")
        settings.cache_clear()
        if answered == "nobody":
            other.stop()
        found = step_result(request(other.url))
    assert found["code"] == {"nobody": "no-connection", "not-http": "broken-answer"}[answered]


@pytest.mark.parametrize(
    "url", ["https://example.org/", "http://127.0.0.1/", "https://example.com:8443/", "http://169.254.169.254/"]
)
def test_a_host_that_is_not_listed_is_refused_at_submit_and_asked_by_nobody(one: Peer, url: str) -> None:
    params = scenario(request(one.url), request(url))
    refused = call("POST", "/api/jobs", {"type": "TestRun", "projectId": "demo", "params": params})
    assert (refused.status, refused.body["code"]) == (422, "host-not-allowed")
    assert "HttpTestHosts" in refused.body["detail"]
    assert "params.scenario.steps.1.request.url" in refused.text
    assert one.connections == 0


def test_a_host_that_was_taken_off_the_list_is_not_asked(one: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    job = submit("TestRun", scenario(request(one.url)))
    monkeypatch.setenv("HTTP_TEST_HOSTS", "")
    settings.cache_clear()
    job = deliver(job, kit_with(timedelta(hours=1)))
    assert isinstance(job.result, dict)
    assert job.result["steps"][0]["code"] == "host-not-allowed"
    assert one.connections == 0


def test_a_failure_lets_the_rest_run_or_stops_it() -> None:
    run_import(PLACES)
    steps = [figure("count", "=", 3), figure("count", "=", 4), figure("count", "=", 3, name="the last")]
    going_on, stopping = result_of(*steps), result_of(*steps, onFailure="stop")
    assert [going_on[name] for name in ("total", "passed", "failed", "skipped")] == [3, 2, 1, 0]
    assert [stopping[name] for name in ("total", "passed", "failed", "skipped")] == [3, 1, 1, 1]
    assert stopping["steps"][2] == {
        "name": "the last", "type": "dataset", "status": "skipped", "expected": "", "message": "",
    }  # fmt: skip


def test_a_scenario_that_cannot_be_is_refused_with_the_place() -> None:
    params = scenario(figure("count", "=", 1), figure("sum", "=", 1))
    refused = call("POST", "/api/jobs", {"type": "TestRun", "projectId": "demo", "params": params})
    assert (refused.status, refused.body["code"]) == (400, "invalid-request")
    assert refused.body["errors"][0]["field"].startswith("params.scenario.steps.1")


@pytest.mark.parametrize("on_failure", ["continue", "stop"])
def test_a_test_run_in_slices_has_the_same_result_and_asks_each_peer_once(one: Peer, on_failure: str) -> None:
    run_import(PLACES)
    steps = [
        figure("count", "=", 3),
        request(one.url),
        request(one.url, status=404),
        figure("max", "<", 1, column="height"),
    ]
    at_once = run("TestRun", scenario(*steps, onFailure=on_failure))
    in_slices = run("TestRun", scenario(*steps, onFailure=on_failure), NO_TIME)
    judged = 4 if on_failure == "continue" else 3
    assert (at_once.attempt, in_slices.attempt) == (1, judged + 1)
    assert one.connections == 4
    assert without_seconds(in_slices) == without_seconds(at_once)


def without_seconds(job: Job) -> dict[str, Any]:
    assert isinstance(job.result, dict)
    steps = [{name: value for name, value in step.items() if name != "seconds"} for step in job.result["steps"]]
    return job.result | {"steps": steps}


def test_all_steps_see_the_version_that_the_first_one_saw() -> None:
    run_import(PLACES)
    job = deliver(submit("TestRun", scenario(*[figure("count", "=", 3)] * 2)), kit_with(NO_TIME))
    run_import(b"name\nx\n")
    job = deliver(job, kit_with(timedelta(hours=1)))
    assert isinstance(job.result, dict)
    assert job.result["passed"] == 2


def test_a_version_that_one_step_names_is_not_the_newest_for_the_next() -> None:
    run_import(PLACES)
    run_import(b"name\nx\n")
    assert result_of(figure("count", "=", 3, version=1), figure("count", "=", 1))["passed"] == 2


def test_the_workbook_shows_the_steps_and_no_credentials(one: Peer) -> None:
    run_import(PLACES)
    asking = request(f"{one.url}/status?key=s3cret")
    asking["request"]["headers"] = {"Authorization": "Bearer s3cret"}
    steps = [figure("max", "=", "x", column="name", name="=1+1"), asking, figure("count", "=", 3)]
    job = run("TestRun", scenario(*steps, onFailure="stop"))
    (report,) = job.reports
    content = boto3.client("s3").get_object(Bucket=BUCKETS["S3_REPORTS_BUCKET"], Key=report.key)["Body"].read()
    workbook = load_workbook(io.BytesIO(content))
    assert workbook.sheetnames == ["Summary", "Steps"]
    summary = {row[0].value: row[1].value for row in workbook["Summary"].iter_rows(min_row=2)}
    assert summary == {"Verdict": "failed", "Steps": 3, "Passed": 0, "Failed": 1, "Skipped": 2}
    rows = list(workbook["Steps"].iter_rows(min_row=2))
    assert [[cell.value for cell in row[:4]] for row in rows] == [
        [1, "=1+1", "dataset", "failed"],
        [2, f"GET {one.url}/status?…", "http", "skipped"],
        [3, "count of places", "dataset", "skipped"],
    ]
    assert rows[0][1].data_type == "s"
    assert [row[3].fill.fgColor.rgb for row in rows] == ["00FFC7CE", "00EDEDED", "00EDEDED"]
    texts = [str(cell.value) for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert not any("s3cret" in text for text in [*texts, json.dumps(job.result)])


def test_a_request_under_way_is_cut_off_when_its_job_is_cancelled(monkeypatch: pytest.MonkeyPatch, kit: Tools) -> None:
    def serve(connection: socket.socket) -> None:
        call("POST", f"/api/jobs/{job.id}/cancel")
        connection.settimeout(None)
        cut.append(connection.recv(1))

    monkeypatch.setattr("jobmill.processors.test_runs.REQUEST_SECONDS", 600)
    cut: list[bytes] = []
    with peer(serve) as other:
        monkeypatch.setenv("HTTP_TEST_HOSTS", f"127.0.0.1:{other.port}")
        settings.cache_clear()
        job = submit("TestRun", scenario(request(other.url)))
        assert deliver(job, kit).status is Status.CANCELLED
        assert other.closed.wait(5)
    assert cut == [b""]
