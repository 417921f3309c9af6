"""Signing in: by the stack's own user pool, by a token; and what becomes of a session that is over."""

import json

import pytest
from playwright.sync_api import expect

from jobmill_local.stack import PASSWORDS, Stack
from tests.browser.conftest import Opened

pytestmark = pytest.mark.requirement("J13")


def test_a_person_signs_in_with_name_and_password_and_out(opened: Opened, stack: Stack) -> None:
    password = json.loads((stack.state / PASSWORDS).read_text())["demo"]
    page = opened(None, "/jobs")
    page.get_by_label("User name").fill("demo")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The name or the password is wrong.")
    assert all("400" in each for each in opened.complaints), "the browser tells of the refusal by itself"
    opened.complaints.clear()
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Jobs", level=1)).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Jobs", level=1)).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("User name")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_person_signs_in_with_a_pasted_token_and_comes_back_to_the_place_after_it_is_over(
    opened: Opened, stack: Stack
) -> None:
    page = opened(None, "/tasks")
    page.get_by_text("Use a token instead").click()
    page.get_by_label("ID token").fill("this is none")
    page.get_by_role("button", name="Use this token").click()
    expect(page.get_by_role("alert")).to_contain_text("This is no ID token")
    page.get_by_label("ID token").fill(f"Bearer {stack.token('viewer')}\n")
    page.get_by_role("button", name="Use this token").click()
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()
    # The API refuses what the gateway no longer believes.
    page.route("**/api/tasks", lambda route: route.fulfill(status=401, json={"message": "Unauthorized"}))
    page.reload()
    expect(page.get_by_text("Your session is over.")).to_be_visible()
    page.unroute("**/api/tasks")
    page.get_by_text("Use a token instead").click()
    page.get_by_label("ID token").fill(stack.token("viewer"))
    page.get_by_role("button", name="Use this token").click()
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()
    assert all("401" in each for each in opened.complaints)
    opened.complaints.clear()
