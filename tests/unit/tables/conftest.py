"""The bench that each test works on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobmill.tables.engine import connect

from .builders import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    folder = tmp_path.resolve()
    connection = connect(folder)
    yield Bench(folder, connection)
    connection.close()
