"""Each hostile file ends as documented, within 30 seconds and 400 MB, and no process dies of it."""

import json
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.files import FILES
from tests.hostile.hostile_file import IMPORTED, HostileFile
from tests.hostile.page import CODES, GROUPS, PAGE, page

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 30
MOST_MEGABYTES = 400


class Reader:
    """A process that reads file after file: that it is still there for the next one is part of the proof."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.reading"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self, workspace: Path) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{workspace}\n")
        self._process.stdin.flush()
        readable, _, _ = select.select([self._process.stdout], [], [], 2 * DEADLINE_SECONDS)
        answer = self._process.stdout.readline() if readable else ""
        if not answer:
            self._process.kill()
            pytest.fail("it took forever" if readable == [] else "the process died")
        told: dict[str, Any] = json.loads(answer)
        return told

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(scope="module")
def readers() -> Iterator[list[Reader]]:
    made: list[Reader] = []
    yield made
    for reader in made:
        reader.end()


@pytest.fixture
def reader(readers: list[Reader]) -> Reader:
    """The one that has read the files before, or another one if it is dead."""
    if not readers or not readers[-1].is_alive:
        readers.append(Reader())
    return readers[-1]


@pytest.mark.requirement("J1")
@pytest.mark.parametrize("file", FILES, ids=lambda file: ascii(file.name)[1:-1])
def test_a_hostile_file_ends_as_documented(file: HostileFile, reader: Reader, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    try:
        file.make(workspace / "upload")
        told = reader.read(workspace)
    finally:
        shutil.rmtree(workspace)
    assert told["outcome"] == file.outcome
    if file.holds:
        assert told["row"] == list(file.holds)
    assert told["seconds"] < DEADLINE_SECONDS
    assert told["megabytes"] < MOST_MEGABYTES


def test_the_page_is_the_list() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.hostile.page"


def test_each_file_is_on_the_page_and_each_code_explained() -> None:
    assert sorted(file.name for group in GROUPS.values() for file in group) == sorted(file.name for file in FILES)
    assert {file.outcome for file in FILES} == {IMPORTED, *CODES}
