"""Links: the client's calls and the commands."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from jobmill_client import ApiProblem, Client, Misuse, ReportUnknown

from .api_server import JOB_ID, ApiServer, a_job, as_json
from .conftest import RunCommand

LINK_ID = "0198c0de-0000-7000-8000-00000000000a"
LINKS = f"/api/jobs/{JOB_ID}/links"
URL = "https://jobs.example.com/d/secret-ticket"


def a_link(**fields: Any) -> dict[str, Any]:
    return {
        "id": LINK_ID,
        "report": "orders.xlsx",
        "contentType": "text/csv",
        "createdAt": "2026-07-31T08:00:00.123Z",
        "createdBy": "u1",
        "createdByName": "Dana",
        "expiresAt": "2026-08-07T08:00:00.000Z",
        "downloads": 0,
        **fields,
    }


def making(name: str) -> str:
    return f"/api/jobs/{JOB_ID}/reports/{name}/links"


def test_a_link_is_made_to_a_named_report(api: ApiServer, client: Client) -> None:
    api.will_answer("POST", making("a%2Fb%20%C3%BC.csv"), as_json(a_link(url=URL), 201))
    link = client.create_link(JOB_ID, "a/b ü.csv")
    assert (link.id, link.url, link.downloads) == (LINK_ID, URL, 0)
    assert link.expires_at == datetime(2026, 8, 7, 8, tzinfo=UTC)
    assert "secret-ticket" not in repr(link)
    assert len(api.requests) == 1


def test_without_a_name_it_leads_to_the_only_report(api: ApiServer, client: Client) -> None:
    api.will_answer("GET", f"/api/jobs/{JOB_ID}", as_json(a_job(reports=[api.has_report("orders.xlsx", b"x")])))
    api.will_answer("POST", making("orders.xlsx"), as_json(a_link(url=URL), 201))
    assert client.create_link(JOB_ID).url == URL
    api.will_answer("GET", f"/api/jobs/{JOB_ID}", as_json(a_job(reports=[])))
    with pytest.raises(ReportUnknown):
        client.create_link(JOB_ID)


def test_a_making_that_may_have_been_done_is_not_repeated(api: ApiServer, client: Client) -> None:
    api.will_answer("POST", making("x"), as_json({"code": "unavailable", "title": "", "detail": ""}, 503))
    with pytest.raises(ApiProblem):
        client.create_link(JOB_ID, "x")
    assert len(api.requests) == 1


def test_links_come_page_after_page(api: ApiServer, client: Client) -> None:
    first = as_json([a_link(downloads=3, lastDownloadAt="2026-08-01T08:00:00.000Z")], Link=f'<{LINKS}>; rel="next"')
    first.headers["Link"] = f'<{api.url}{LINKS}?after=1>; rel="next"'
    api.will_answer("GET", LINKS, first, as_json([a_link(id="2", revokedAt="2026-08-02T08:00:00.000Z")]))
    used, revoked = client.links(JOB_ID)
    assert (used.downloads, used.last_download_at) == (3, datetime(2026, 8, 1, 8, tzinfo=UTC))
    assert (revoked.id, revoked.revoked_at, revoked.url) == ("2", datetime(2026, 8, 2, 8, tzinfo=UTC), None)
    assert [one.query for one in api.seen("GET", LINKS)] == [{"limit": ["200"]}, {"after": ["1"]}]


def test_a_link_is_revoked(api: ApiServer, client: Client) -> None:
    gone = a_link(revokedAt="2026-08-02T08:00:00.000Z", revokedByName="Kim")
    api.will_answer("DELETE", f"{LINKS}/{LINK_ID}", as_json(gone))
    assert client.revoke_link(JOB_ID, LINK_ID).revoked_by_name == "Kim"


@pytest.mark.parametrize("wrong", ["", "..", "."])
def test_ids_and_names_cannot_lead_elsewhere(wrong: str, api: ApiServer, client: Client) -> None:
    for ask in (
        lambda: client.create_link(wrong, "x"),
        lambda: client.create_link(JOB_ID, wrong),
        lambda: client.links(wrong),
        lambda: client.revoke_link(JOB_ID, wrong),
    ):
        with pytest.raises(Misuse):
            ask()
    assert api.requests == []


def test_the_command_prints_the_address_and_nothing_else_on_stdout(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("POST", making("orders.xlsx"), as_json(a_link(url=URL), 201))
    result = jobmill("link", JOB_ID, "orders.xlsx")
    assert (result.exit_code, result.stdout) == (0, f"{URL}\n")
    assert f"jobmill unlink {JOB_ID} {LINK_ID}" in result.stderr
    assert json.loads(jobmill("link", JOB_ID, "orders.xlsx", "--json").stdout)["url"] == URL


def test_links_are_a_table(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("GET", LINKS, as_json([a_link(downloads=12, report="[red]x\x1b[0m", revokedByName="Kim")]))
    header, row = jobmill("links", JOB_ID).stdout.splitlines()
    assert header.split() == ["ID", "REPORT", "USED", "LAST", "USE", "UNTIL", "BY", "REVOKED", "BY"]
    assert row.split()[:3] == [LINK_ID, "[red]x\ufffd[0m", "12"]
    assert row.split()[-2:] == ["Dana", "Kim"]
    assert json.loads(jobmill("links", JOB_ID, "--json").stdout)[0]["downloads"] == 12


def test_unlink_says_what_it_ended(api: ApiServer, jobmill: RunCommand) -> None:
    gone = a_link(revokedAt="2026-08-02T08:00:00.000Z", revokedByName="Kim", downloads=2)
    api.will_answer("DELETE", f"{LINKS}/{LINK_ID}", as_json(gone))
    said = jobmill("unlink", JOB_ID, LINK_ID).stdout.split()
    assert said[:6] == ["link", LINK_ID, "report", "orders.xlsx", "used", "2"]
    assert said[-2:] == ["by", "Kim"]


def test_a_link_that_is_not_there_is_told(api: ApiServer, jobmill: RunCommand) -> None:
    problem = {"code": "link-not-found", "title": "Not Found", "detail": "The job has no such link."}
    api.will_answer("DELETE", f"{LINKS}/x", as_json(problem, 404))
    result = jobmill("unlink", JOB_ID, "x")
    assert result.exit_code == 1
    assert "[link-not-found]" in result.stderr
