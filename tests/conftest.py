"""Which examples Hypothesis takes, and which tests stay together when pytest runs several processes."""

import os
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# The same examples each time, so that a run tells of the code and not of luck; `random` looks for others.
settings.register_profile("fixed", derandomize=True)
settings.register_profile("random")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

STACKS = ("tests/chaos/test_chaos.py", "tests/e2e/test_own_pages.py", "tests/e2e/", "tests/browser/")
"""What shares a deployed stack, the narrower place first."""


class ByStack(LoadScopeScheduling):
    """Gives the tests of a stack to one process, and begins with them; each other test goes to whichever is free.

    (pytest-xdist's own `loadgroup` groups nothing with pytest 9.2: pytest-xdist issue 1386.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((stack for stack in STACKS if nodeid.startswith(stack)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByStack:
    return ByStack(config, log)
