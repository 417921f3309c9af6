"""Which examples Hypothesis takes, and which tests stay in one process when pytest runs several."""

import os

import pytest
from hypothesis import settings

# The same examples each time, so that a run tells of the code and not of luck; `random` looks for others.
settings.register_profile("fixed", derandomize=True)
settings.register_profile("random")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests that share the deployed stack be one group, which pytest-xdist gives to one process, first."""
    for item in items:
        shares = "stack" in getattr(item, "fixturenames", ())
        if shares and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group("stack"))
