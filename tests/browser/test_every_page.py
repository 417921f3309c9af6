"""Every page, on desk and phone, light and dark: accessible, nothing cut, no word in the console; pictures of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from jobmill_local.stack import Stack
from tests.browser.conftest import DESKTOP, PHONE, Opened
from tests.browser.places import ORDERS, SCHEMA, failed_import


@pytest.fixture(scope="module")
def places(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Each page by its name, with something to show."""
    folder = tmp_path_factory.mktemp("pages")
    file = folder / "orders.csv"
    file.write_text(ORDERS)
    with stack.client("demo") as client:
        imported = client.import_file(file, dataset="shown", project_id="demo", schema=json.loads(SCHEMA), timeout=120)
        failed = failed_import(client, folder)
    return {
        "overview": "/",
        "jobs": "/jobs?project=demo",
        "job-completed": f"/jobs/{imported.id}",
        "job-failed": f"/jobs/{failed.id}",
        "job-not-found": "/jobs/none",
        "new-job": "/new?type=Import&project=demo",
        "new-export": "/new?type=Export&project=demo",
        "correction": f"/new?type=Import&project=demo&continues={imported.id}",
        "tasks": "/tasks",
        "task": "/tasks/collect_devices_health",
        "nowhere": "/nowhere",
    }


# Widths and colours are apart from each other: each of both is seen once.
LOOKS: tuple[tuple[ViewportSize, Literal["light", "dark"]], ...] = ((DESKTOP, "light"), (PHONE, "dark"))
NAMES = [
    "overview", "jobs", "job-completed", "job-failed", "job-not-found", "new-job", "new-export", "correction", "tasks",
    "task", "nowhere",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_accessible_at_any_width_in_light_and_dark(
    name: str,
    places: dict[str, str],
    opened: Opened,
    accessible: Callable[[Page], None],
    shot: Callable[[Page, str], Path],
) -> None:
    page = opened("admin" if name.startswith("task") else "demo", places[name])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)
    for size, scheme in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        shot(page, f"{name}-{size['width']}-{scheme}")
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], "nothing is cut"
    opened.complaints[:] = [each for each in opened.complaints if "404" not in each]


def test_signing_in_is_accessible(
    opened: Opened, accessible: Callable[[Page], None], shot: Callable[[Page, str], Path]
) -> None:
    page = opened(None)
    expect(page.get_by_label("User name")).to_be_visible()
    accessible(page)
    shot(page, "sign-in-1280-light")


def test_the_page_runs_no_script_that_is_not_its_own(opened: Opened) -> None:
    page = opened("demo")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.evaluate(
        """() => { const script = document.createElement('script'); script.textContent = 'window.foreign = 1';
        document.body.append(script); }"""
    )
    assert page.evaluate("window.foreign") is None
    assert page.evaluate("fetch('https://example.com/').then(() => 'sent', () => 'refused')") == "refused"
    assert len(opened.complaints) >= 2
    assert all("Content Security Policy" in each or "violates" in each for each in opened.complaints)
    opened.complaints.clear()


def test_the_page_can_be_used_by_the_keyboard_alone(opened: Opened) -> None:
    page = opened("demo")
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.get_by_role("link", name="New job").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New job", level=1)).to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "MAIN"
    expect(page.get_by_role("radio", name="Import", exact=True)).to_be_checked()
    page.get_by_role("radio", name="Import", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Import", exact=True)).not_to_be_checked()
