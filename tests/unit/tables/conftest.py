"""The bench that each test works on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobmill.tables.engine import connect

from .builders import Bench


@pytest.fixture(scope="session")
def shared_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("workspace").resolve()
    connection = connect(folder)
    yield Bench(folder, connection)
    connection.close()


@pytest.fixture
def bench(shared_bench: Bench) -> Iterator[Bench]:
    """An empty workspace. Its connection is shared: opening one costs more than most of these tests."""
    yield shared_bench
    for path in shared_bench.folder.iterdir():
        if path.is_file():
            path.unlink()


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[[str], Bench]]:
    """A bench of its own, with a given memory limit."""
    made: list[Bench] = []

    def make(memory_limit: str) -> Bench:
        made.append(Bench(tmp_path.resolve(), connect(tmp_path, memory_limit)))
        return made[-1]

    yield make
    for bench in made:
        bench.connection.close()
