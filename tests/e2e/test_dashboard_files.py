"""The built dashboard as the stack serves it: page, files, headers, and how much a browser loads."""

import gzip
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
import requests

from jobmill_local.stack import Stack

MAX_LOADED_BYTES = 150_000
"""All JavaScript and CSS, packed: what a first visit loads."""
SECONDS = 30


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=SECONDS)


@pytest.fixture(scope="module")
def page(stack: Stack) -> requests.Response:
    answer = get(stack.outputs["DashboardUrl"])
    assert answer.status_code == 200
    return answer


@pytest.fixture(scope="module")
def files(stack: Stack, page: requests.Response) -> list[str]:
    """The addresses of the files that the page names."""
    named = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', page.text)
    assert {name.rpartition(".")[2] for name in named} >= {"js", "css"}
    assert len(re.findall(r"<script|<link", page.text)) == len(named), "the page names something else"
    return [stack.outputs["DashboardUrl"] + name for name in named]


def test_the_page_tells_where_to_sign_in_and_may_ask_nothing_else(stack: Stack, page: requests.Response) -> None:
    origin = f"http://{urlsplit(stack.api_url).netloc}"
    (content,) = re.findall(r'<meta name="jobmill-settings" content="([^"]*)"', page.text)
    client_id = stack.outputs["UserPoolClientId"]
    assert unescape(content) == f'{{"identity":{{"url":"{stack.endpoint_url}/","clientId":"{client_id}"}}}}'
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["connect-src"] == f"'self' {origin} ws{origin.removeprefix('http')}"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"


def test_the_page_is_asked_for_again_and_its_files_are_not(page: requests.Response, files: list[str]) -> None:
    assert page.headers["Cache-Control"] == "no-cache"
    assert get(page.url, **{"If-None-Match": page.headers["ETag"]}).status_code == 304
    for url in files:
        answer = get(url)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", url
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert requests.head(url, timeout=SECONDS).headers["ETag"] == answer.headers["ETag"]


def test_what_a_first_visit_loads_is_packed_and_small(files: list[str]) -> None:
    loaded = 0
    for url in files:
        answer = requests.get(url, headers={"Accept-Encoding": "gzip"}, timeout=SECONDS, stream=True)
        sent = answer.raw.read(decode_content=False)
        if url.endswith((".js", ".css")):
            assert answer.headers["Content-Encoding"] == "gzip", url
            assert gzip.decompress(sent) == get(url, **{"Accept-Encoding": "identity"}).content
            loaded += len(sent)
    assert 0 < loaded < MAX_LOADED_BYTES


def test_a_file_that_is_not_there_is_a_problem(stack: Stack) -> None:
    url = stack.outputs["DashboardUrl"] + "assets/none.js"
    assert get(url).json()["code"] == "file-not-found"
    assert "<h1>Not Found</h1>" in get(url, Accept="text/html").text
