"""Files of any name by a link: what their URLs carry, and under which name they are saved."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests

from tests.stack.http import call
from tests.stack.linked import completed_with_report
from tests.stack.test_api_links import listed, make, path_of, use

pytestmark = pytest.mark.usefixtures("cloud")
NAMES = [
    "orders.xlsx",
    "Übersicht – März.xlsx",
    "資料.csv",
    "تقرير.xlsx",
    'a "quoted" name.csv',
    "new\r\nline.csv",
    "\u202egpj.exe",
    "a:b;c,d%20e+f&g=h?i#j.csv",
    "folder/file.csv",
    "../../etc/passwd",
    "😀" * 180 + ".csv",
    "資" * 251 + ".csv",
]


def test_the_redirect_is_to_a_url_of_five_minutes_that_carries_the_name() -> None:
    used = use(path_of(make(completed_with_report("Übersicht.xlsx"))))
    query = parse_qs(urlsplit(used.headers["location"]).query)
    assert query["X-Amz-Expires"] == ["300"]
    disposition = "attachment; filename=\"Ubersicht.xlsx\"; filename*=UTF-8''%C3%9Cbersicht.xlsx"
    assert query["response-content-disposition"] == [disposition]
    assert query["response-content-type"] == ["text/csv"]


@pytest.mark.requirement("U7")
@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_any_name_is_linked_and_saved_under_it(name: str) -> None:
    job = completed_with_report(name)
    path = path_of(make(job))
    assert len(f"https://x123456789.execute-api.eu-central-1.amazonaws.com{path}") < 2_000
    location = use(path).headers["location"]
    assert location.isascii()
    assert len(location) + 2_000 < 8_192, "S3's limit, with room for a role's session token"
    disposition = requests.get(location, timeout=5).headers["content-disposition"]
    plain, _, extended = disposition.partition("; filename*=UTF-8''")
    assert plain.count('"') == 2
    assert all(letter.isalnum() or letter in "%._-~" for letter in extended)
    assert unquote(extended) == name
    assert listed(job)[0]["report"] == name


def test_a_name_longer_than_urls_allow_is_cut_before_its_extension() -> None:
    job = completed_with_report("😀" * 251 + ".csv")
    disposition = parse_qs(urlsplit(use(path_of(make(job))).headers["location"]).query)["response-content-disposition"]
    assert unquote(disposition[0].partition("UTF-8''")[2]) == "😀" * 190 + ".csv"
    too_long = completed_with_report("😀" * 400)
    assert make(too_long).body["code"] == "link-name-too-long"
    assert listed(too_long) == []


@pytest.mark.requirement("J31")
@pytest.mark.parametrize("name", [*NAMES, "links", "a/links", "100%25.csv", "50%.csv"])
def test_a_report_of_any_name_is_found_by_its_address(name: str) -> None:
    job = completed_with_report(name)
    (report,) = call("GET", f"/api/jobs/{job.id}", user="viewer").body["reports"]
    found = call("GET", report["url"].removeprefix("https://jobs.example.com"))
    assert found.status == 302
    assert requests.get(found.headers["location"], timeout=5).content == b"a report"
    assert make(job).status == 201
