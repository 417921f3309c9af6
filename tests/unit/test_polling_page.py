"""docs/polling.md shows what web/ compiles and runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "polling.md").read_text()
SOURCES = ROOT / "web" / "src" / "client"


@pytest.mark.requirement("A7")
def test_the_page_s_component_is_the_one_that_the_web_tests_render() -> None:
    (example,) = re.findall(r"```tsx\n(.*?)```", PAGE, re.DOTALL)
    assert example == (ROOT / "web" / "tests" / "react" / "docs-example.tsx").read_text()


@pytest.mark.requirement("A7")
def test_the_page_s_milliseconds_are_the_hook_s() -> None:
    sources = "".join(path.read_text() for path in SOURCES.glob("*.ts"))
    for name, shown in [("DEFAULT_INTERVAL_MS", "60,000"), ("SHORTEST_INTERVAL_MS", "1,000")]:
        (value,) = re.findall(rf"const {name} = ([\d_]+);", sources)
        assert f"{int(value.replace('_', '')):,}" == shown
        assert shown in PAGE
