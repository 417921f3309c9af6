"""The dashboard's page and files as the API serves them: policy, settings, caching, packing, and nothing else."""

import base64
import copy
import gzip
import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from jobmill import aws
from jobmill.settings import settings
from jobs_api import dashboard_files
from jobs_api.dashboard_files import with_settings
from jobs_api.dashboard_policy import content_security_policy, origin_of, upload_origin
from jobs_api.handler import handler
from jobs_api.routes.dashboard import takes_gzip
from tests.stack.http import EVENT, LambdaContext

pytestmark = pytest.mark.usefixtures("cloud")

PAGE = """<!doctype html><html><head><meta name="jobmill-settings" content="" /><title>Jobmill</title></head></html>"""
SCRIPT = b"console.log('1');\n" * 200
FIXED = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
)
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
STACK = {
    "LIVE_URL": "wss://l1.execute-api.eu-central-1.amazonaws.com/live",
    "IDENTITY_URL": "https://cognito-idp.eu-central-1.amazonaws.com/",
    "USER_POOL_CLIENT_ID": "client-1",
}


class Served:
    """An answer as a browser gets it: `content` is unpacked, if it was packed."""

    def __init__(self, response: dict[str, Any]) -> None:
        self.status: int = response["statusCode"]
        self.headers = {name.lower(): value for name, value in response["headers"].items()}
        body: str = response["body"] or ""
        self.sent = base64.b64decode(body) if response["isBase64Encoded"] else body.encode()
        self.content = gzip.decompress(self.sent) if self.headers.get("content-encoding") == "gzip" else self.sent


def get(path: str, method: str = "GET", **headers: str) -> Served:
    event = copy.deepcopy(EVENT)
    del event["requestContext"]["authorizer"]
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    event["headers"] |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Served(handler(event, LambdaContext()))


def forget() -> None:
    for each in (
        settings,
        aws.s3,
        aws.s3_for_callers,
        content_security_policy,
        dashboard_files.page,
        dashboard_files.asset,
        dashboard_files.assets,
    ):
        each.cache_clear()


@pytest.fixture(autouse=True)
def package(cloud: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A dashboard of the test's own, in place of the built one."""
    folder = tmp_path / "jobmill_dashboard"
    (folder / "files" / "assets").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "secret.txt").write_text("not a file of the page")
    (folder / "files" / "index.html").write_text(PAGE)
    (folder / "files" / "assets" / "index-1.js").write_bytes(SCRIPT)
    (folder / "files" / "assets" / "index-1.css").write_text("body{}")
    (folder / "files" / "assets" / "text-1.woff2").write_bytes(bytes(range(256)) * 8)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "jobmill_dashboard", raising=False)
    for name, value in STACK.items():
        monkeypatch.setenv(name, value)
    forget()
    yield folder
    forget()


def configure(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    forget()


def meta_of(page: bytes) -> Any:
    found: list[Any] = []

    class Metas(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "meta" and dict(attrs).get("name") == "jobmill-settings":
                found.append(json.loads(str(dict(attrs)["content"])))

    Metas().feed(page.decode())
    (value,) = found
    return value


@pytest.mark.parametrize("path", ["/", "/index.html"])
def test_the_page_is_asked_for_each_time_and_may_load_and_ask_what_its_policy_names(path: str) -> None:
    page = get(path)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["content-security-policy"] == FIXED + (
        "connect-src 'self' https://jobmill-uploads.s3.eu-central-1.amazonaws.com "
        "wss://l1.execute-api.eu-central-1.amazonaws.com https://cognito-idp.eu-central-1.amazonaws.com"
    )
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert meta_of(page.content) == {
        "identity": {"url": "https://cognito-idp.eu-central-1.amazonaws.com/", "clientId": "client-1"}
    }


def test_with_acceleration_files_are_sent_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, S3_ACCELERATED_ENDPOINT="https://s3-accelerate.amazonaws.com")
    policy = get("/").headers["content-security-policy"]
    assert " https://jobmill-uploads.s3-accelerate.amazonaws.com " in policy
    assert "s3.eu-central-1" not in policy


def test_with_an_issuer_of_its_own_the_page_asks_no_user_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, IDENTITY_URL="", USER_POOL_CLIENT_ID="")
    page = get("/")
    assert page.headers["content-security-policy"] == FIXED + (
        "connect-src 'self' https://jobmill-uploads.s3.eu-central-1.amazonaws.com "
        "wss://l1.execute-api.eu-central-1.amazonaws.com"
    )
    assert meta_of(page.content) == {"identity": None}


def test_on_a_local_aws_all_is_one_origin_beside_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(
        monkeypatch,
        S3_ENDPOINT="http://127.0.0.1:4650",
        IDENTITY_URL="http://127.0.0.1:4650/",
        LIVE_URL="ws://127.0.0.1:4650/_aws/execute-api/a/live",
    )
    assert content_security_policy() == FIXED + "connect-src 'self' http://127.0.0.1:4650 ws://127.0.0.1:4650"


def test_a_policy_lets_nothing_in_by_a_wildcard_or_unsafely() -> None:
    policy = content_security_policy()
    assert "*" not in policy
    assert "unsafe" not in policy
    assert upload_origin() in policy.split()


@pytest.mark.parametrize(
    "url", ["https://*.example.com/", "https://a b/", "https://a;script-src/", "nothing", "https://u@h/"]
)
def test_an_address_that_a_policy_cannot_name_is_no_origin(url: str) -> None:
    with pytest.raises(ValueError, match="no origin"):
        origin_of(url)


def test_settings_cannot_leave_their_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = """"'/><script>alert(1)</script>&quot;\\"""
    page = with_settings(PAGE, {"identity": {"url": hostile, "clientId": hostile}})
    assert "<script" not in page
    assert meta_of(page.encode()) == {"identity": {"url": hostile, "clientId": hostile}}


@pytest.mark.parametrize("page", ["<html></html>", PAGE + PAGE])
def test_a_page_without_a_place_for_its_settings_is_no_page(page: str) -> None:
    with pytest.raises(ValueError, match="single"):
        with_settings(page, {})


def test_a_file_is_kept_for_a_year_and_packed_once_for_those_who_take_it() -> None:
    plain, packed = get("/assets/index-1.js"), get("/assets/index-1.js", accept_encoding="br, gzip;q=0.8")
    assert plain.content == packed.content == SCRIPT
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.sent) < len(plain.sent) / 10
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert plain.headers["etag"] != packed.headers["etag"]
    assert plain.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["index-1.css", "text-1.woff2"])
def test_what_packing_would_not_make_smaller_is_sent_as_it_is(name: str, package: Path) -> None:
    answer = get(f"/assets/{name}", accept_encoding="gzip")
    assert "content-encoding" not in answer.headers
    assert answer.sent == (package / "files" / "assets" / name).read_bytes()
    assert answer.headers["content-type"] in ("text/css; charset=utf-8", "font/woff2")


@pytest.mark.parametrize("path", ["/", "/assets/index-1.js"])
@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_who_has_it_is_told_so(path: str, accepted: str) -> None:
    first = get(path, accept_encoding=accepted)
    again = get(path, accept_encoding=accepted, if_none_match=f'W/"x", {first.headers["etag"]}')
    assert (again.status, again.sent) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == first.headers["cache-control"]
    assert "content-encoding" not in again.headers
    assert get(path, accept_encoding=accepted, if_none_match='"other"').status == 200


def test_another_deployment_s_settings_are_another_page(monkeypatch: pytest.MonkeyPatch) -> None:
    first = get("/").headers["etag"]
    configure(monkeypatch, USER_POOL_CLIENT_ID="client-2")
    assert get("/", if_none_match=first).status == 200


@pytest.mark.parametrize("path", ["/", "/index.html", "/assets/index-1.js"])
def test_head_has_the_headers_alone(path: str) -> None:
    whole, head = get(path), get(path, method="HEAD")
    assert (head.status, head.sent) == (200, b"")
    assert head.headers == whole.headers


@pytest.mark.parametrize(
    "path",
    [
        "/assets/index-2.js",
        "/assets/",
        "/assets",
        "/assets/../index.html",
        "/assets/../../secret.txt",
        "/assets/..",
        "/assets/.",
        "/assets/%2e%2e%2findex.html",
        "/assets/..\\index.html",
        "/assets//etc/passwd",
        "/assets/index-1.js/",
        "/assets/INDEX-1.JS",
        "/secret.txt",
        "/files/index.html",
        "//assets/index-1.js",
    ],
)
def test_nothing_is_served_but_the_files_by_their_names(path: str) -> None:
    answer = get(path)
    assert answer.status == 404
    assert json.loads(answer.content)["code"] in ("file-not-found", "route-not-found")


def test_a_browser_gets_a_page_for_a_file_that_is_not_there() -> None:
    answer = get("/assets/index-2.js", accept=BROWSER)
    assert (answer.status, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"


def test_a_deployment_without_a_dashboard_says_so(package: Path) -> None:
    (package / "files" / "index.html").unlink()
    forget()
    answer = get("/")
    assert (answer.status, json.loads(answer.content)["code"]) == (404, "no-dashboard")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_page_takes_nothing(method: str) -> None:
    assert get("/", method=method).status == 404


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP, br", True),
        ("br;q=1.0, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*", True),
        ("*;q=0", False),
        ("identity, *;q=0.1", True),
        ("gzip;q=0, *", False),
        ("notgzip", False),
        ("x-gzip", True),
    ],
)
def test_who_takes_packed_files(accepted: str | None, takes: bool) -> None:
    assert takes_gzip(accepted) is takes
