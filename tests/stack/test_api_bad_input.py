"""Bad requests: each a problem with a stable code and the field; nothing is written."""

import pytest

from jobmill.settings import settings
from tests.stack.http import call
from tests.stack.test_api_jobs import import_request

pytestmark = pytest.mark.usefixtures("cloud")


def assert_problem(answer: object, status: int, code: str) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status, answer.body["code"]) == (status, code), answer.text
    assert answer.body["status"] == status
    assert answer.body["type"] == f"urn:jobmill:problem:{code}"
    assert answer.body["detail"].endswith((".", "…"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": None}, "type"),
        ({"projectId": 5}, "projectId"),
        ({"surprise": 1}, "surprise"),
        ({"params": []}, "params"),
        ({"options": {"runLimitSeconds": 0}}, "options.runLimitSeconds"),
        ({"options": {"runLimitSeconds": "60"}}, "options.runLimitSeconds"),
        ({"options": {"priority": 1}}, "options.priority"),
        ({"params": {"uploadId": "x"}}, "params.dataset"),
        ({"params": {"uploadId": "x", "dataset": "../etc"}}, "params.dataset"),
        ({"params": {"uploadId": "x", "dataset": "a", "mode": "merge"}}, "params.mode"),
        ({"params": {"uploadId": "x", "dataset": "a", "sheets": "b"}}, "params.sheets"),
    ],
)
def test_wrong_missing_and_unknown_fields_are_400_and_named(changes: dict[str, object], field: str) -> None:
    answer = call("POST", "/api/jobs", import_request() | changes)
    assert_problem(answer, 400, "invalid-request")
    assert field in [error["field"] for error in answer.body["errors"]]
    assert call("GET", "/api/jobs").body == []


@pytest.mark.parametrize(
    ("export", "field"),
    [
        ({"format": "pdf"}, "params.format"),
        ({"columns": []}, "params.columns"),
        ({"where": [{"column": "a", "op": "like", "value": "x"}]}, "params.where.0.op"),
        ({"where": "1=1; DROP TABLE x"}, "params.where"),
        ({"orderBy": [{"column": 3}]}, "params.orderBy.0.column"),
        ({"version": 0}, "params.version"),
    ],
)
def test_wrong_export_parameters_are_400_and_named(export: dict[str, object], field: str) -> None:
    body = {"type": "Export", "projectId": "demo", "params": {"dataset": "a"} | export}
    answer = call("POST", "/api/jobs", body)
    assert_problem(answer, 400, "invalid-request")
    assert answer.body["errors"][0]["field"].startswith(field)


@pytest.mark.parametrize("raw", ["{", "", "nonsense", '"text"', "[]", "null", "5", "\ufeff{}"])
def test_a_body_that_is_no_object_is_400(raw: str) -> None:
    answer = call("POST", "/api/jobs", raw_body=raw)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json"), answer.text


def test_a_body_of_another_type_is_415() -> None:
    answer = call("POST", "/api/jobs", raw_body="a=b", headers={"Content-Type": "text/plain"})
    assert_problem(answer, 415, "unsupported-content-type")


def test_an_unknown_type_is_400_and_the_known_ones_are_named() -> None:
    answer = call("POST", "/api/jobs", import_request(type="Nonsense"))
    assert_problem(answer, 400, "unknown-type")
    assert "Export, Import" in answer.body["detail"]


def test_a_body_over_4_mb_is_413_and_names_the_upload_route() -> None:
    answer = call("POST", "/api/jobs", raw_body='"' + "x" * 4_000_001 + '"')
    assert_problem(answer, 413, "body-too-large")
    assert "/api/uploads" in answer.body["detail"]


def test_params_over_64_kb_are_413() -> None:
    answer = call("POST", "/api/jobs", import_request(params={"dataset": "x" * 70_000}))
    assert_problem(answer, 413, "params-too-large")


def test_a_foreign_upload_is_as_unknown_as_an_invented_one() -> None:
    announced = {"projectId": "other", "filename": "a.csv", "contentType": "text/csv", "sizeBytes": 3}
    foreign = call("POST", "/api/uploads", announced, user="other").body["uploadId"]
    answers = [
        call("POST", "/api/jobs", import_request(params={"uploadId": upload_id, "dataset": "a"}))
        for upload_id in (foreign, "nonsense", "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971")
    ]
    for answer in answers:
        assert_problem(answer, 422, "upload-not-found")
    assert len({answer.text for answer in answers}) == 1


def test_a_missing_dataset_is_422() -> None:
    answer = call("POST", "/api/jobs", {"type": "Export", "projectId": "demo", "params": {"dataset": "nowhere"}})
    assert_problem(answer, 422, "dataset-not-found")


@pytest.mark.parametrize("project_id", ["other", "nowhere", "..", "a b", "x" * 65])
def test_a_foreign_project_is_404_for_submit_list_stats_and_uploads(project_id: str) -> None:
    announced = {"projectId": project_id, "filename": "a.csv", "contentType": "text/csv", "sizeBytes": 3}
    for answer in (
        call("POST", "/api/jobs", import_request(projectId=project_id)),
        call("POST", "/api/uploads", announced),
        call("GET", f"/api/jobs/projects/{project_id.replace(' ', '%20')}"),
        call("GET", f"/api/jobs?projectId={project_id.replace(' ', '%20')}"),
        call("GET", f"/api/jobs/projects/{project_id.replace(' ', '%20')}/stats"),
        call("GET", f"/api/projects/{project_id.replace(' ', '%20')}"),
    ):
        assert answer.status in (400, 404), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert "path" not in answer.text


def test_a_reader_may_not_submit_or_upload() -> None:
    request = import_request()
    announced = {"projectId": "demo", "filename": "a.csv", "contentType": "text/csv", "sizeBytes": 3}
    for path, body in (("/api/jobs", request), ("/api/uploads", announced)):
        assert_problem(call("POST", path, body, user="viewer"), 403, "read-only")


@pytest.mark.requirement("J30")
@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"sizeBytes": 1_073_741_825}, 413, "upload-too-large"),
        ({"sizeBytes": -1}, 400, "invalid-request"),
        ({"filename": ""}, 400, "invalid-request"),
        ({"contentType": "text"}, 400, "invalid-request"),
        ({"contentType": "text/csv\r\nx: y"}, 400, "invalid-request"),
        ({"path": "/"}, 400, "invalid-request"),
    ],
)
def test_wrong_uploads_are_refused(changes: dict[str, object], status: int, code: str) -> None:
    announced = {"projectId": "demo", "filename": "a.csv", "contentType": "text/csv", "sizeBytes": 3}
    assert_problem(call("POST", "/api/uploads", announced | changes), status, code)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("status=running", "invalid-request"),
        ("limit=0", "invalid-request"),
        ("limit=201", "invalid-request"),
        ("limit=x", "invalid-request"),
        ("from=yesterday", "invalid-request"),
        ("from=2026-01-01T00:00:00", "invalid-request"),
        ("statuss=Running", "invalid-request"),
        ("type=Nonsense", "unknown-type"),
        ("cursor=nonsense", "bad-cursor"),
        ("cursor=%FF", "bad-cursor"),
    ],
)
def test_wrong_list_parameters_are_400(query: str, code: str) -> None:
    assert_problem(call("GET", f"/api/jobs?{query}"), 400, code)


@pytest.mark.requirement("J4")
def test_an_unknown_status_names_the_five() -> None:
    detail = call("GET", "/api/jobs?status=Done").body["detail"]
    for status in ("Queued", "Running", "Completed", "Failed", "Cancelled"):
        assert status in detail


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/nowhere"), ("DELETE", "/api/jobs"), ("GET", "/nowhere"), ("GET", "/d/x/y")]
)
def test_an_unknown_address_or_method_is_404(method: str, path: str) -> None:
    assert_problem(call(method, path), 404, "route-not-found")


def test_no_claims_is_401_and_health_needs_none() -> None:
    assert_problem(call("GET", "/api/jobs", user=None), 401, "not-signed-in")
    assert call("GET", "/api/health", user=None).body == {"status": "ok"}


def test_a_store_that_is_away_is_503_without_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE", "no-such-table")
    settings.cache_clear()
    answer = call("GET", "/api/jobs/01a200c4-8c3f-7a9d-a777-0d6d8d7bc971")
    assert_problem(answer, 503, "unavailable")
    assert "table" not in answer.text
