"""docs/tasks.md is true: its example of a secret is taken, its tasks, times, limits and codes are those of the code."""

import json
import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

from jobmill.charging import collecting, months
from jobmill.ocpi import crawl, ledger, line, peers
from jobmill.ocpi.peers import Peer, read_peers
from jobmill.scheduled import collect_charge_cdrs, scheduled_tasks
from jobmill.tasks import cache, data
from jobmill.tasks.names import SaveIn, TaskStatus
from tests.template.expansion import source

PAGE = Path(__file__).parents[2] / "docs" / "tasks.md"
TEXT = PAGE.read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]


def section(title: str) -> str:
    """The part of the page under this title."""
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(part: str) -> list[str]:
    return re.findall(r"^\| (`[^|]*) \|", part, re.MULTILINE)


def names_in(cells: list[str]) -> set[str]:
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_the_secret_of_the_page_is_taken_with_every_field() -> None:
    (secret,) = [example for example in EXAMPLES if "peers" in example]
    found = read_peers(secret)
    assert (found.peers[0].to_party, found.peers[0].page_limit) == ("NL*EXA", peers.DEFAULT_PAGE_LIMIT)
    assert len(secret["peers"][0]) == len(fields(Peer)), "the example has each field"
    assert {*secret, *secret["peers"][0]} == names_in(first_cells(section("The peers' secret")))
    assert f"1 to {peers.MAX_PAGE_LIMIT:,}; {peers.DEFAULT_PAGE_LIMIT} without it" in TEXT
    assert f"up to {peers.MAX_PEERS};" in TEXT


def test_the_tasks_of_the_page_are_those_that_come_with_it_at_their_times() -> None:
    parameters = source()["Parameters"]
    rows = re.findall(
        r"^\| `(\w+)` \| `([^`]+)` \|.*\| ([^|]*) \|$", section("The four that come with it"), re.MULTILINE
    )
    assert {name for name, *_ in rows} == set(scheduled_tasks())
    for name, schedule, late in rows:
        own = name.title().replace("_", "")
        assert parameters[f"{own}Schedule"]["Default"] == schedule
        minutes = timedelta(minutes=int(parameters[f"{own}FreshMinutes"]["Default"]))
        number, _, unit = late.partition(" ")
        assert minutes == (timedelta(0) if late == "never" else timedelta(**{unit: int(number)}))
    assert f"the newest {collect_charge_cdrs.KEPT_CDRS:,} CDRs" in TEXT


def test_words_and_limits_are_those_of_the_code() -> None:
    assert all(f"`{status}`" in section("Statuses") for status in TaskStatus)
    saved = names_in(first_cells(section("The data"))) & set(SaveIn)
    assert saved == set(SaveIn)
    assert f"over {data.INLINE_BYTES // 1000} KB" in TEXT
    assert f"{cache.MAX_BYTES // 10**6} MB of JSON text" in TEXT
    assert f"After {collecting.MAX_OBJECTS:,} objects" in TEXT
    assert f"windows of {collecting.WINDOW.days} days" in TEXT
    assert f"({ledger.MAX_KEPT} of a window" in TEXT
    assert f"({months.MAX_MONTHS} at the most)" in TEXT
    spelled = (cache.BELIEVED, collecting.SETTLED, line.TRIES, line.MAX_PAUSE_SECONDS, crawl.MAX_PASSES)
    assert spelled == (timedelta(seconds=5), timedelta(minutes=2), 6, 120, 8)


def test_every_code_of_a_peer_is_explained() -> None:
    sources = Path(peers.__file__).parent.glob("*.py")
    raised = {code for path in sources for code in re.findall(r'"(peer-[a-z-]+|bad-peers)"', path.read_text())}
    listed = names_in(first_cells(section("OCPI collectors")))
    assert raised
    assert raised <= listed
