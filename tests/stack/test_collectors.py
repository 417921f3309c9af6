"""Collectors against a peer over real HTTP: what they have is what the peer has, whatever it does to their pages."""

from pathlib import Path

import pytest

from jobmill.jobs.status import Status
from jobmill.processing.attempt import Tools
from jobmill.tasks.names import TaskName
from jobmill_local.peer import Fault, Faults, Kind, Paging
from tests.stack.collecting import Clock, collected, configured_peer, dataset_rows, run, settled_truth

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("T15")]

LOCATIONS, CDRS = TaskName.COLLECT_CHARGE_LOCATIONS, TaskName.COLLECT_CHARGE_CDRS
TROUBLE = {
    "calm": Faults(),
    "moving": Faults({Fault.MOVING: 1, Fault.TICKING: 0.5}),
    "too high totals": Faults({Fault.TOTAL_TOO_HIGH: 1, Fault.MOVING: 0.5}),
    "random totals": Faults({Fault.TOTAL_RANDOM: 1}),
    "no totals": Faults({Fault.NO_TOTAL: 1, Fault.MOVING: 0.5}),
    "no links": Faults({Fault.NO_LINK: 1}),
    "away": Faults({Fault.TOO_MANY_REQUESTS: 0.1, Fault.SERVER_ERROR: 0.1, Fault.CUT_OFF: 0.1, Fault.BROKEN_JSON: 0.1},
                   retry_after_seconds=0),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.charging.peers.time.sleep", lambda seconds: None)


@pytest.mark.parametrize("paging", Paging)
@pytest.mark.parametrize("trouble", TROUBLE)
def test_what_is_collected_is_what_the_peer_has(
    trouble: str, paging: Paging, kit: Tools, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if (trouble, paging) == ("no links", Paging.KEYSET):
        pytest.skip("nobody can go on without a link there")
    clock = Clock()
    with configured_peer(monkeypatch, clock, faults=TROUBLE[trouble], paging=paging) as peer:
        for _ in range(3):
            for name, kind in ((LOCATIONS, Kind.LOCATIONS), (CDRS, Kind.CDRS)):
                job = run(name, kit)
                assert job.status is Status.COMPLETED, job.error
                truth, have = settled_truth(peer, kind, clock), collected(name)
                assert {key: have.get(key) for key in truth} == truth
            for _ in range(10):
                peer.world.tick()
                peer.world.add_cdr()
            clock.pass_(hours=1)
        assert peer.counting.highest() == 1, "one request at a time"
        peer.faults = Faults()
        for name in (LOCATIONS, CDRS):
            run(name, kit)
        assert collected(LOCATIONS) == settled_truth(peer, Kind.LOCATIONS, clock)
        cdrs = settled_truth(peer, Kind.CDRS, clock)
        assert collected(CDRS) == cdrs
        rows = dataset_rows("charge_cdrs", "country_code, party_id, id, total_cost_excl_vat", kit, tmp_path)
        assert rows == sorted((*key, float(cdr["total_cost"]["excl_vat"])) for key, cdr in cdrs.items())
