"""How tests are shared out between processes, and which examples Hypothesis takes."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples each time, so that a run tells of the code and not of luck; `random` looks for others.
settings.register_profile("fixed", derandomize=True)
settings.register_profile("random")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

WITH_A_LOCAL_AWS = ("e2e", "chaos")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a folder that starts a local AWS in one process, so that it is started once for them."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in WITH_A_LOCAL_AWS:
            item.add_marker(pytest.mark.xdist_group(folder))
