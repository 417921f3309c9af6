"""Links on the whole stack: signed with its own key, under its functions' roles, used by anyone."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from jobmill.errors import CallerError
from jobmill.links.subjects import ReportSubject
from jobmill.links.tickets import Key, Ticket, read_ticket, sign
from jobmill.times import now_utc
from jobmill_client import ApiProblem, Client, Job
from jobmill_client.links import Link
from jobmill_local.deploy import STACK_NAME
from jobmill_local.stack import Stack

pytestmark = [pytest.mark.requirement("U6"), pytest.mark.requirement("J31")]
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    return stack.client("demo")


@pytest.fixture(scope="module")
def job(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """An export with its report."""
    path: Path = tmp_path_factory.mktemp("links") / "places.csv"
    path.write_text("code,name\n007,Oslo\n008,Bergen\n")
    client.import_file(path, dataset="e2e-links", project_id="demo", timeout=120)
    exported = client.submit("Export", {"dataset": "e2e-links", "format": "csv"}, project_id="demo")
    return client.wait(exported.id, timeout=120).raise_unless_completed()


class Secret:
    """The stack's keys of links, as an operator has them."""

    def __init__(self, stack: Stack) -> None:
        self._aws: Any = stack.aws("secretsmanager")
        resource = stack.aws("cloudformation").describe_stack_resource(
            StackName=STACK_NAME, LogicalResourceId="LinkKeys"
        )
        self._id = resource["StackResourceDetail"]["PhysicalResourceId"]

    def key(self) -> Key:
        return Key(self._aws.get_secret_value(SecretId=self._id)["SecretString"].encode())

    def rotate(self) -> Key:
        """The documented rotation."""
        made = self._aws.get_random_password(PasswordLength=64, ExcludePunctuation=True)["RandomPassword"]
        self._aws.put_secret_value(SecretId=self._id, SecretString=made)
        return self.key()


@pytest.fixture(scope="module")
def secret(stack: Stack) -> Secret:
    return Secret(stack)


def address(link: Link) -> str:
    assert link.url is not None
    return link.url


def use(url: str, method: str = "GET", **headers: str) -> requests.Response:
    return requests.request(method, url, headers=headers, allow_redirects=False, timeout=30)


def refusal(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def until(happened: Callable[[], bool]) -> None:
    """Wait for what functions see only at their next look at the secret."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.5)


def signed(link: Link, job: Job, key: Key, lifetime: timedelta) -> str:
    """The address of a link to the job's report, made here."""
    subject = str(ReportSubject(job.id, job.run, job.attempt, job.reports[0].name))
    base, _, _ = address(link).partition("/d/")
    return f"{base}/d/{sign(Ticket(link.id, now_utc() + lifetime, subject), key)}"


def test_anyone_with_a_link_gets_the_very_bytes_of_the_report(stack: Stack, client: Client, job: Job) -> None:
    (report,) = job.reports
    link = stack.client("viewer").create_link(job.id)
    answer = use(address(link))
    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    file = requests.get(address(link), timeout=30)
    assert hashlib.sha256(file.content).hexdigest() == report.sha256
    assert file.headers["Content-Disposition"].endswith(f"filename*=UTF-8''{report.name}")
    browser = requests.get(address(link), headers=BROWSER, timeout=30)
    assert browser.content == file.content
    listed = next(each for each in client.links(job.id) if each.id == link.id)
    assert (listed.downloads, listed.created_by_name, listed.url) == (3, "Viewer", None)


def test_a_look_is_answered_as_a_use_would_be_and_not_counted(client: Client, job: Job) -> None:
    link = client.create_link(job.id, job.reports[0].name)
    looked = use(address(link), "HEAD")
    assert (looked.status_code, looked.content) == (302, b"")
    head = requests.head(address(link), allow_redirects=True, timeout=30)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(job.reports[0].size_bytes))
    assert next(each for each in client.links(job.id) if each.id == link.id).downloads == 0
    assert use(looked.headers["Location"]).status_code == 403, "a presigned URL is good for one operation"
    assert use(use(address(link)).headers["Location"], "HEAD").status_code == 403


def test_a_revoked_link_leads_nowhere(client: Client, job: Job) -> None:
    link = client.create_link(job.id)
    assert use(address(link)).status_code == 302
    revoked = client.revoke_link(job.id, link.id)
    assert revoked.revoked_at is not None
    assert refusal(use(address(link))) == (410, "link-revoked")
    looked = use(address(link), "HEAD")
    assert (looked.status_code, looked.content) == (410, b"")


@pytest.mark.parametrize("name", ["folder/file.csv", "50%20off ü😀.csv", "a:b;c#d.csv"])
def test_a_name_of_any_letters_comes_through_the_gateway(name: str, client: Client, job: Job) -> None:
    with pytest.raises(ApiProblem) as refused:
        client.create_link(job.id, name)
    assert refused.value.code == "report-not-found", "not the route: it was read as a name"


def test_an_expired_a_changed_and_a_made_up_link_are_each_told(client: Client, job: Job, secret: Secret) -> None:
    link = client.create_link(job.id)
    url, key = address(link), secret.key()
    assert refusal(use(signed(link, job, key, timedelta(seconds=-1)))) == (410, "link-expired")
    unknown = replace(link, id="0198c0de-0000-7000-8000-000000000001")
    assert refusal(use(signed(unknown, job, key, timedelta(days=1)))) == (410, "link-deleted")
    assert refusal(use(signed(link, job, Key(b"x" * 64), timedelta(days=1)))) == (400, "link-foreign")
    assert refusal(use(url[:-3] + ("A" if url[-3] != "A" else "B") + url[-2:])) == (400, "link-tampered")
    assert refusal(use(url[:-1])) == (400, "link-damaged")
    page = use(url + ".", **BROWSER)
    assert (page.status_code, page.headers["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert "This link is not whole." in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_retry_of_its_job_ends_a_link_to_a_failed_job_s_workbook(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("n\n1\nx\n")
    params = {
        "uploadId": client.upload(path, project_id="demo"),
        "dataset": "e2e-links-bad",
        "onError": "all-or-nothing",
        "schema": {"fields": [{"name": "n", "type": "integer"}]},
    }
    failed = client.wait(client.submit("Import", params, project_id="demo").id, timeout=120)
    assert failed.status == "Failed"
    link = client.create_link(failed.id, "errors.csv")
    assert "n" in requests.get(address(link), timeout=30).text
    client.retry(failed.id)
    assert refusal(use(address(link))) == (410, "link-deleted")
    client.wait(failed.id, timeout=120)


def test_keys_are_rotated_by_one_call_and_the_last_two_hold(client: Client, job: Job, secret: Secret) -> None:
    first_key = secret.key()
    link = client.create_link(job.id)
    first = address(link)

    second_key = secret.rotate()
    assert second_key.id != first_key.id
    of_second = signed(link, job, second_key, timedelta(days=1))
    until(lambda: use(of_second).status_code == 302)
    assert use(first).status_code == 302

    def is_signed_by_the_second() -> bool:
        ticket = address(client.create_link(job.id)).rpartition("/")[2]
        return use(of_second).ok and is_signed_by(ticket, second_key)

    until(is_signed_by_the_second)

    third_key = secret.rotate()
    of_third = signed(link, job, third_key, timedelta(days=1))
    until(lambda: use(of_third).status_code == 302 and use(first).status_code == 400)
    assert refusal(use(first)) == (400, "link-foreign")
    assert use(of_second).status_code == 302


def is_signed_by(ticket: str, key: Key) -> bool:
    try:
        return bool(read_ticket(ticket, {key.id: key}.get))
    except CallerError:
        return False
