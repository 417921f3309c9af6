from collections.abc import Iterator

import pytest

from .tables import Bench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("schemas"))
    yield made
    made.connection.close()
