"""The page on configuration names every parameter of the template, with its default."""

import re
from pathlib import Path

from tests.template.expansion import source

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_page_lists_every_parameter_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\|", PAGE.read_text(), re.MULTILINE)
    assert dict(rows) == {name: str(given["Default"]) for name, given in source()["Parameters"].items()}
