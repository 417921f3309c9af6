"""The template, expanded once."""

from pathlib import Path

import pytest

from tests.e2e.own_folder import lend_build, own_folder
from tests.template.expansion import Expansion, expand


@pytest.fixture(scope="session")
def aws() -> Expansion:
    """The template as on AWS, with its defaults."""
    return expand()


@pytest.fixture(scope="session")
def local() -> Expansion:
    """The template as on a local AWS."""
    return expand(LocalEndpoint="http://127.0.0.1:4650")


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of what `sam build` makes for this machine; the tests of the whole stack deploy the same."""
    return lend_build(own_folder())
