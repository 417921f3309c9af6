"""The routes of links: who may make, see and revoke them, and what anyone gets who uses one."""

from urllib.parse import quote

import boto3
import pytest
import requests

from jobmill.jobs.job import Job
from jobmill.jobs.services import lifecycle
from jobmill.links.rows import LinkRow
from jobmill.links.services import links
from jobmill.settings import settings
from jobs_api.routes.links import LINKS_OF_A_JOB
from tests.stack.builders import completed
from tests.stack.conftest import LINK_KEYS
from tests.stack.http import Answer, call
from tests.stack.linked import completed_with_report, failed_with_report

pytestmark = pytest.mark.usefixtures("cloud")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def make(job: Job, name: str | None = None, user: str = "demo") -> Answer:
    return call("POST", f"/api/jobs/{job.id}/reports/{quote(name or job.reports[0].name, safe='')}/links", user=user)


def path_of(answer: Answer) -> str:
    assert answer.status == 201, answer.text
    url: str = answer.body["url"]
    return url.removeprefix("https://jobs.example.com")


def use(path: str, method: str = "GET", **headers: str) -> Answer:
    return call(method, path, user=None, headers=headers)


def listed(job: Job, user: str = "demo") -> list[dict[str, object]]:
    found: list[dict[str, object]] = call("GET", f"/api/jobs/{job.id}/links", user=user).body
    return found


@pytest.mark.requirement("U6")
def test_a_link_is_made_used_without_a_token_counted_listed_and_revoked() -> None:
    job = completed_with_report()
    made = make(job)
    assert made.headers["cache-control"] == "no-store"
    body = made.body
    assert set(body) == {
        *("id", "report", "contentType", "createdAt", "createdBy", "createdByName", "expiresAt", "downloads", "url"),
    }
    assert (body["report"], body["contentType"], body["downloads"]) == ("orders.xlsx", "text/csv", 0)
    assert (body["createdBy"], body["createdByName"]) == ("id-of-demo", "Demo")
    assert body["expiresAt"] > body["createdAt"]
    used = use(path_of(made))
    assert (used.status, used.text) == (302, "")
    assert used.headers["cache-control"] == "no-store"
    assert used.headers["referrer-policy"] == "no-referrer"
    assert requests.get(used.headers["location"], timeout=5).content == b"a report"
    (shown,) = listed(job)
    assert shown.pop("lastDownloadAt") >= body["createdAt"]
    assert shown == {name: value for name, value in body.items() if name != "url"} | {"downloads": 1}
    revoked = call("DELETE", f"/api/jobs/{job.id}/links/{body['id']}")
    assert (revoked.status, revoked.body["revokedByName"], revoked.body["downloads"]) == (200, "Demo", 1)
    assert call("DELETE", f"/api/jobs/{job.id}/links/{body['id']}").body == revoked.body
    after = use(path_of(made))
    assert (after.status, after.body["code"]) == (410, "link-revoked")
    assert listed(job) == [revoked.body]


def test_a_head_answers_as_a_get_would_and_counts_nothing() -> None:
    job = completed_with_report()
    path = path_of(make(job))
    looked = use(path, "HEAD")
    assert (looked.status, looked.text) == (302, "")
    head = requests.head(looked.headers["location"], stream=True, timeout=5)
    assert (head.status_code, head.headers["content-length"]) == (200, "8")
    assert listed(job)[0]["downloads"] == 0
    call("DELETE", f"/api/jobs/{job.id}/links/{listed(job)[0]['id']}")
    revoked = use(path, "HEAD", Accept=BROWSER)
    assert (revoked.status, revoked.text) == (410, "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_link_is_only_read(method: str) -> None:
    assert use(path_of(make(completed_with_report())), method).body["code"] == "route-not-found"


def test_whoever_may_read_the_report_may_make_a_link_and_see_all() -> None:
    job = completed_with_report()
    for user in ("viewer", "demo", "both", "admin"):
        make(job, user=user)
    assert [link["createdByName"] for link in listed(job, "viewer")] == ["Admin", "Both", "Demo", "Viewer"]


@pytest.mark.parametrize("user", ["other", "nobody"])
def test_another_project_s_caller_finds_no_job(user: str) -> None:
    job = completed_with_report()
    link_id = make(job).body["id"]
    calls = [
        make(job, user=user),
        call("GET", f"/api/jobs/{job.id}/links", user=user),
        call("DELETE", f"/api/jobs/{job.id}/links/{link_id}", user=user),
    ]
    assert [(answer.status, answer.body["code"]) for answer in calls] == [(404, "job-not-found")] * 3
    assert "revokedAt" not in listed(job)[0]


def test_without_a_token_links_are_only_used() -> None:
    job = completed_with_report()
    link_id = make(job).body["id"]
    for method, path in (("GET", "links"), ("POST", "reports/orders.xlsx/links"), ("DELETE", f"links/{link_id}")):
        assert call(method, f"/api/jobs/{job.id}/{path}", user=None).status == 401


def test_a_reader_revokes_his_own_links_and_no_others() -> None:
    job = completed_with_report()
    own, other = make(job, user="viewer").body["id"], make(job).body["id"]
    refused = call("DELETE", f"/api/jobs/{job.id}/links/{other}", user="viewer")
    assert (refused.status, refused.body["code"]) == (403, "read-only")
    assert call("DELETE", f"/api/jobs/{job.id}/links/{own}", user="viewer").status == 200
    assert ["revokedAt" in link for link in listed(job)] == [False, True]


def test_what_is_not_there_is_not_found() -> None:
    job, other = completed_with_report(), completed_with_report()
    link_id = make(other).body["id"]
    assert make(job, "other.xlsx").body["code"] == "report-not-found"
    for wanted in (link_id, job.id, "x", "a%23b", "%00", quote("ü", safe="")):
        answer = call("DELETE", f"/api/jobs/{job.id}/links/{wanted}")
        assert (answer.status, answer.body["code"]) == (404, "link-not-found")
    assert listed(completed()) == []
    for job_id in ("x", "0198c0de-0000-7000-8000-000000000001"):
        assert call("GET", f"/api/jobs/{job_id}/links").body["code"] == "job-not-found"


def test_links_are_listed_page_by_page_and_limits_hold() -> None:
    job = completed_with_report()
    made = [make(job).body["id"] for _ in range(5)][::-1]
    seen, path = [], f"/api/jobs/{job.id}/links?limit=2"
    while path and len(seen) <= len(made):
        page = call("GET", path)
        seen += [link["id"] for link in page.body]
        path = page.headers.get("link", "").removeprefix("<https://jobs.example.com").partition(">")[0]
    assert seen == made
    for query in ("limit=0", "limit=201", "limit=x", "after=", "after=" + "x" * 65):
        assert call("GET", f"/api/jobs/{job.id}/links?{query}").status == 400
    assert call("GET", f"/api/jobs/{job.id}/links?after=%00&limit=200").body == []


def test_a_job_has_so_many_links_and_no_more() -> None:
    job = completed_with_report()
    made = make(job).body["id"]
    row = LinkRow.get(f"job#{job.id}", f"link#{made}")
    with LinkRow.batch_write() as batch:
        for number in range(LINKS_OF_A_JOB - 2):
            other = LinkRow(row.pk, f"link#{made[:-3]}{number:03}")
            other.deserialize(row.serialize() | {"sk": {"S": other.sk}})
            batch.save(other)
    assert make(job).status == 201
    refused = make(job)
    assert (refused.status, refused.body["code"]) == (429, "too-many-links")
    LinkRow(row.pk, f"link#{made}").update([LinkRow.expires_at.set(row.created_at)])
    assert make(job).status == 201


def test_each_way_of_ending_has_its_status_and_code() -> None:
    job = failed_with_report()
    path = path_of(make(job))
    ticket = path.removeprefix("/d/")
    assert use(path).status == 302
    damaged = [f"/d/{ticket[:-1]}", f"/d/{ticket}.", f"/d/{ticket[:20]}%20{ticket[20:]}", "/d/x", "/d/%F0%9F%98%80"]
    assert {(use(each).status, use(each).body["code"]) for each in damaged} == {(400, "link-damaged")}
    boto3.client("secretsmanager").put_secret_value(SecretId=LINK_KEYS, SecretString="second" * 10)
    boto3.client("secretsmanager").put_secret_value(SecretId=LINK_KEYS, SecretString="third" * 10)
    links.cache_clear()
    assert (use(path).status, use(path).body["code"]) == (400, "link-foreign")
    path = path_of(make(job))
    tampered = path[:-2] + ("A" if path[-2] != "A" else "B") + path[-1]
    assert (use(tampered).status, use(tampered).body["code"]) == (400, "link-tampered")
    lifecycle().retry(job, job.params)
    assert (use(path).status, use(path).body["code"]) == (410, "link-deleted")


def test_an_expired_link_is_410(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINK_DAYS", "0")
    settings.cache_clear()
    job = completed_with_report()
    made = make(job)
    expired = use(path_of(made))
    assert (expired.status, expired.body["code"]) == (410, "link-expired")
    assert listed(job) == []
    assert call("DELETE", f"/api/jobs/{job.id}/links/{made.body['id']}").body["code"] == "link-not-found"


def test_each_letter_of_an_address_changed_is_a_problem_of_a_link() -> None:
    path = path_of(make(completed_with_report()))
    for place in range(len("/d/"), len(path)):
        for other in ("A", "%00", "~"):
            if path[place] != other:
                answer = use(path[:place] + other + path[place + 1 :])
                assert answer.status == 400, answer.text
                assert answer.body["code"] in ("link-damaged", "link-tampered", "link-foreign")


def test_a_browser_is_shown_a_sentence() -> None:
    job = completed_with_report()
    path = path_of(make(job))
    assert use(path, Accept=BROWSER).status == 302
    page = use(path + ".", Accept=BROWSER)
    assert (page.status, page.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "This link is not whole." in page.text
    assert "link-damaged" in page.text
    assert "<script" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    for accept in ("*/*", "application/json", "text/html;q=0", "text/html; q=0.0"):
        assert use(path + ".", Accept=accept).headers["content-type"] == "application/problem+json"


def test_while_the_key_is_away_links_are_503_and_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    job = completed_with_report()
    path = path_of(make(job))
    monkeypatch.setenv("LINK_KEYS_SECRET", "no-such-secret")
    settings.cache_clear()
    links.cache_clear()
    for answer in (make(job), use(path)):
        assert (answer.status, answer.body["code"]) == (503, "links-unavailable")
        assert answer.headers["retry-after"] == "2"
    assert len(listed(job)) == 1


def test_no_ticket_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    path = path_of(make(completed_with_report()))
    use(path)
    use(path + ".")
    events = {record.message: str(vars(record)) for record in caplog.records}
    assert {"link made", "link used"} <= set(events)
    assert path.removeprefix("/d/") not in "".join(events.values())


def test_revoked_links_leave_room_for_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs_api.routes.links.LINKS_OF_A_JOB", 2)
    job = completed_with_report()
    for _ in range(4):
        made = make(job)
        assert made.status == 201
        assert call("DELETE", f"/api/jobs/{job.id}/links/{made.body['id']}").status == 200
