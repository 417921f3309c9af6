"""A job's page: cancelled while it runs, failed and retried; and what a page does without its socket."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import WebSocketRoute, expect

from jobmill_client import Client
from jobmill_local.stack import Stack
from tests.browser.conftest import Opened
from tests.browser.places import failed_import, wait_for_status
from tests.e2e.jobs import import_params

pytestmark = pytest.mark.requirement("J13")


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    return stack.client("demo")


def long_import(client: Client, large_file: Path, dataset: str) -> str:
    """An import that runs for some time."""
    return client.submit("Import", project_id="demo", params=import_params(client, large_file, dataset)).id


def test_a_running_job_is_cancelled(opened: Opened, client: Client, large_file: Path) -> None:
    job_id = long_import(client, large_file, "cancelled-in-the-browser")
    page = opened("demo", f"/jobs/{job_id}")
    wait_for_status(page, "Running")
    page.get_by_role("button", name="Cancel job").click()
    dialog = page.get_by_role("dialog", name="Cancel this job?")
    dialog.get_by_role("button", name="Not now").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Cancel job").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel job").click()
    wait_for_status(page, "Cancelled")
    assert client.job(job_id).status == "Cancelled"
    expect(page.get_by_role("button", name="Retry", exact=True)).to_be_visible()


def test_a_failure_is_understood_and_retried_with_edited_parameters(
    opened: Opened, client: Client, tmp_path: Path
) -> None:
    failed = failed_import(client, tmp_path)
    assert failed.status == "Failed"
    page = opened("demo", f"/jobs/{failed.id}")
    expect(page.get_by_role("heading", name="Why it failed")).to_be_visible()
    assert failed.error is not None
    expect(page.get_by_role("region", name="Why it failed").get_by_text(failed.error)).to_be_visible()
    expect(page.get_by_text("What to do:")).to_be_visible()
    good = tmp_path / "good.csv"
    good.write_text("number\n1\n2\n")
    page.get_by_role("button", name="Retry with edited parameters").click()
    page.get_by_label("Another file").set_input_files(good)
    page.get_by_label("Dataset").fill("mended-in-the-browser")
    page.get_by_role("button", name="Retry with these parameters").click()
    wait_for_status(page, "Completed")
    job = client.job(failed.id)
    assert (job.run, job.result["dataset"], job.result["recordsCreated"]) == (2, "mended-in-the-browser", 2)


def test_a_reader_sees_a_job_and_changes_nothing(opened: Opened, client: Client, tmp_path: Path) -> None:
    failed = failed_import(client, tmp_path)
    page = opened("viewer", f"/jobs/{failed.id}")
    wait_for_status(page, "Failed")
    expect(page.get_by_text("only its writers cancel and retry jobs")).to_be_visible()
    expect(page.get_by_role("button", name="Retry")).to_have_count(0)


def test_jobs_of_others_and_jobs_that_are_gone_say_so(opened: Opened, client: Client, tmp_path: Path) -> None:
    failed = failed_import(client, tmp_path)
    foreign = opened("other", f"/jobs/{failed.id}")
    expect(foreign.get_by_role("heading", name="Job not found")).to_be_visible()
    client.delete(failed.id)
    gone = opened("demo", f"/jobs/{failed.id}")
    expect(gone.get_by_role("heading", name="Job gone")).to_be_visible()
    assert {each.split("status of ")[1][:3] for each in opened.complaints} == {"404", "410"}
    opened.complaints.clear()


@pytest.mark.requirement("A16")
def test_without_the_socket_the_page_polls_and_without_the_network_it_says_so(
    opened: Opened, client: Client, large_file: Path
) -> None:
    page = opened("demo", "/tasks")
    sockets: list[WebSocketRoute] = []

    def pass_on(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket(re.compile("ticket="), pass_on)
    page.reload()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    # The socket is lost, and as no ticket is given, it stays so.
    page.route("**/api/live-tickets", lambda route: route.fulfill(status=503, json={"code": "unavailable"}))
    sockets[-1].close()
    expect(page.get_by_text("Polling", exact=True)).to_be_visible()
    job_id = long_import(client, large_file, "polled-in-the-browser")
    looks: list[str] = []
    page.on("request", lambda request: looks.append(request.url) if request.url.endswith(job_id) else None)
    page.evaluate("id => { location.hash = '#/jobs/' + id; }", job_id)
    wait_for_status(page, "Completed")
    assert len(looks) >= 2, "it was looked at again and again"
    expect(page.get_by_text("Polling", exact=True)).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("Offline", exact=True)).to_be_visible()
    page.unroute("**/api/live-tickets")
    page.context.set_offline(False)
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=60_000)
    assert all("503" in each or "ERR_INTERNET_DISCONNECTED" in each for each in opened.complaints)
    opened.complaints.clear()
