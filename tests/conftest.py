"""How tests are shared out between processes."""

from pathlib import Path

import pytest

WITH_A_LOCAL_AWS = ("e2e", "chaos")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a folder that starts a local AWS in one process, so that it is started once for them."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in WITH_A_LOCAL_AWS:
            item.add_marker(pytest.mark.xdist_group(folder))
