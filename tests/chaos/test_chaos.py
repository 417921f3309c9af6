"""Jobs while everything around them goes wrong, and while half of AWS is away: none is lost, stuck or done twice."""

from pathlib import Path

import pytest

from tests.chaos.outage import outage
from tests.chaos.run import chaos
from tests.e2e.own_folder import lend_build, own_folder

JOBS = 300
SEED = 1
OUTAGE_SECONDS = 10
HARM = (
    "slices", "kills", "duplicates", "late messages", "stops", "cancels answered", "retries answered", "calls dropped",
    "calls unanswered", "calls throttled", "calls delayed",
)  # fmt: skip


@pytest.fixture
def state() -> Path:
    """A folder for a stack of its own."""
    folder = own_folder().with_name(f"{own_folder().name}-chaos")
    lend_build(folder)
    return folder


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the workers in /proc")
def test_jobs_survive_chaos(state: Path, tmp_path: Path) -> None:
    judged = chaos(state, tmp_path, JOBS, SEED)
    assert judged.violations == [], judged.line()
    assert judged.figures["jobs"] == JOBS
    assert [name for name in HARM if not judged.figures.get(name)] == [], judged.line()


def test_jobs_are_accepted_in_an_outage_and_end_after_it(state: Path, tmp_path: Path) -> None:
    judged = outage(state, tmp_path, OUTAGE_SECONDS)
    assert judged.violations == [], judged.line()
    assert judged.figures["calls not answered"]
