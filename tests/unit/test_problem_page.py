"""The page that a browser gets instead of a problem document."""

import pytest

from jobs_api.pages import problem_page, wants_page
from jobs_api.problems import Problem

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def test_a_page_shows_a_text_as_text() -> None:
    hostile = "<script>alert('x')</script>\"&"
    page = problem_page(Problem(type="t", title=hostile, status=400, detail=hostile, code=hostile))
    assert "<script" not in page.body
    assert page.body.count("&lt;script&gt;") == 4


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, False),
        ("", False),
        ("*/*", False),
        ("text/*", False),
        ("text/html", True),
        ("TEXT/HTML;charset=utf-8;q=0.1", True),
        ("application/json, text/html; q = 0", False),
        (BROWSER, True),
        (";;;,,,q=0", False),
    ],
)
def test_who_asks_for_a_page(accept: str | None, wanted: bool) -> None:
    assert wants_page(accept) is wanted
