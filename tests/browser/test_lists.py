"""The overview's counts, the list and its filter, many jobs changed at once, and the tasks."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jobmill_client import Client
from jobmill_local.stack import Stack
from tests.browser.conftest import Opened
from tests.browser.places import failed_import

pytestmark = pytest.mark.requirement("J13")


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    return stack.client("demo")


def counts(page: Page, project: str) -> dict[str, int]:
    """What the project's card says."""
    links = page.get_by_role("article", name=f"Project {project}").get_by_role("listitem").all_inner_texts()
    found = [re.fullmatch(r"([\d,]+)\s+(\w+)", text.strip()) for text in links]
    return {each[2]: int(each[1].replace(",", "")) for each in found if each}


def test_the_overview_s_counts_are_the_api_s_and_follow_it(opened: Opened, client: Client, tmp_path: Path) -> None:
    failed_import(client, tmp_path)
    page = opened("demo")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    card = page.get_by_role("article").first
    expect(card.get_by_role("listitem").nth(3)).to_contain_text(re.compile(r"\d"))

    def agree() -> bool:
        stats = client.stats("demo")
        told = {name: getattr(stats, name) for name in ("queued", "running", "completed", "failed", "cancelled")}
        return counts(page, "demo") == told

    for _ in range(60):
        if agree():
            break
        page.wait_for_timeout(500)
    assert agree()
    before = counts(page, "demo")["failed"]
    failed_import(client, tmp_path)
    expect(card.get_by_role("listitem").nth(3)).to_contain_text(str(before + 1))
    expect(page.get_by_role("img", name=re.compile("Last 24 hours"))).to_have_attribute(
        "aria-label", re.compile(rf"\b{before + 1} failed|[1-9]\d* failed")
    )
    card.get_by_role("link", name=re.compile("failed")).click()
    page.wait_for_url("**/#/jobs?*status=Failed*")


def test_the_address_holds_the_filter(opened: Opened, client: Client, tmp_path: Path) -> None:
    failed = failed_import(client, tmp_path)
    page = opened("demo", "/jobs?project=demo&status=Failed&type=Import")
    expect(page.get_by_label("Status")).to_have_value("Failed")
    expect(page.get_by_role("row", name=re.compile(failed.id[-8:]))).to_be_visible()
    assert set(page.locator("tbody .status").all_inner_texts()) == {"Failed"}
    page.get_by_label("Type").select_option("Validation")
    page.wait_for_url("**type=Validation**")
    expect(page.get_by_role("row", name=re.compile(failed.id[-8:]))).to_have_count(0)
    page.go_back()
    expect(page.get_by_label("Type")).to_have_value("Import")
    expect(page.get_by_role("row", name=re.compile(failed.id[-8:]))).to_be_visible()
    page.get_by_role("button", name="Clear filter").click()
    expect(page.get_by_label("Status")).to_have_value("")


def test_many_jobs_are_retried_and_cancelled_after_a_question_with_their_number(
    opened: Opened, client: Client, tmp_path: Path
) -> None:
    chosen = [failed_import(client, tmp_path) for _ in range(3)]
    page = opened("demo", "/jobs?project=demo&status=Failed")
    for job in chosen:
        page.get_by_role("row", name=re.compile(job.id[-8:])).get_by_role("checkbox").check()
    page.get_by_role("button", name="Retry 3 chosen").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("3")
    dialog.get_by_role("button", name=re.compile("Retry 3")).click()
    expect(page.get_by_text(re.compile("3 .*(queued|retried)"))).to_be_visible()
    for job in chosen:
        assert client.job(job.id).run == 2


def test_tasks_are_shown_to_all_and_run_and_suspended_by_admins(opened: Opened, stack: Stack) -> None:
    # The watch tells of the schedules; by itself it looks each five minutes.
    stack.aws("lambda").invoke(FunctionName=stack.outputs["TaskWatchFunctionName"])
    viewer = opened("viewer", "/tasks")
    expect(viewer.get_by_role("row", name=re.compile("collect_devices_health"))).to_contain_text("Every minute")
    viewer.get_by_role("link", name=re.compile("devices", re.IGNORECASE)).first.click()
    expect(viewer.get_by_role("button", name="Run now")).to_have_count(0)

    admin = opened("admin", "/tasks/send_reset_sms")
    admin.get_by_role("button", name="Suspend").click()
    admin.get_by_label("Reason").fill("The operator is on holiday.")
    admin.get_by_role("dialog").get_by_role("button", name="Suspend").click()
    expect(admin.locator("main")).to_contain_text("The operator is on holiday.")
    admin.get_by_role("button", name="Resume").click()
    expect(admin.get_by_role("button", name="Suspend")).to_be_visible()
    admin.get_by_role("button", name="Run now").click()
    expect(admin.get_by_text("A run has begun")).to_be_visible()
