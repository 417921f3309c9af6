"""The dashboard in a real browser: Debian's chromium, on a stack of its own, made as that of tests/e2e."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

from jobmill_local.stack import Stack
from jobmill_local.toolchain import ROOT
from tests.e2e.conftest import large_file, peer, stack

__all__ = ["large_file", "peer", "stack"]  # fixtures, found by their names

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
SHOTS = ROOT / "out/screenshots"
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 375, "height": 812}
# No sandbox, as root has none; nothing that asks Google for anything.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, which `make test` installs; another one is named by CHROMIUM."""
    path = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    assert path, "There is no chromium: install Debian's, or name one by CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Opened:
    """Pages of people, each with a browser context of its own, and what they said in their consoles."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self._browser = browser
        self._stack = stack
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def __call__(
        self, user: str | None = "demo", at: str = "/", *, viewport: ViewportSize = DESKTOP, dark: bool = False
    ) -> Page:
        """The dashboard, at a place behind the `#`; signed in by a token but for None."""
        context = self._browser.new_context(
            viewport=viewport, color_scheme="dark" if dark else "light", accept_downloads=True, locale="en-GB"
        )
        self._contexts.append(context)
        if user is not None:
            kept = json.dumps({"idToken": self._stack.token(user), "refreshToken": None})
            context.add_init_script(
                f"sessionStorage.getItem('jobmill-session') ?? sessionStorage.setItem('jobmill-session', {kept!r})"
            )
        page = context.new_page()
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"{self._stack.api_url}/#{at}")
        return page

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)

    def close(self) -> None:
        """Close all of them."""
        for context in self._contexts:
            context.close()


@pytest.fixture
def opened(chromium: Browser, stack: Stack) -> Iterator[Opened]:
    """Opens pages; none may complain in its console, unless the test takes the complaints for its own."""
    pages = Opened(chromium, stack)
    yield pages
    pages.close()
    assert pages.complaints == []


@pytest.fixture(scope="session")
def accessible() -> Callable[[Page], None]:
    """Asserts that axe finds nothing to mend in a page, by WCAG 2.2 A and AA and its own best practices."""
    axe = AXE.read_text()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def check(page: Page) -> None:
        page.evaluate(axe)
        found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags)
        assert len(found["passes"]) > 10, "axe looked at something"
        problems = [
            (each["id"], each["help"], [node["html"] for node in each["nodes"]]) for each in found["violations"]
        ]
        assert problems == []

    return check


@pytest.fixture(scope="session")
def shot() -> Callable[[Page, str], Path]:
    """Keeps a picture of a page, for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> Path:
        path = SHOTS / f"{name}.png"
        page.screenshot(path=path, full_page=True)
        return path

    return take
