"""Collectors against a peer over real HTTP: what they have is what the peer has, whatever it does to their pages."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from jobmill.charging import collecting
from jobmill.jobs.status import Status
from jobmill.processing.attempt import Tools
from jobmill.tasks.names import TaskName, TaskStatus
from jobmill.tasks.rows import get_document
from jobmill_local.peer import Fault, Faults, Kind, Paging, Peer, World, serve_peer
from tests.stack.collecting import Clock, collected, configure, configured_peer, dataset_rows, run, settled_truth

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


@pytest.fixture
def kit(kit: Tools) -> Tools:
    """The tools of an attempt whose watch looks once a second, as in the template: nobody stops these jobs."""
    return replace(kit, settings=replace(kit.settings, progress_interval=timedelta(seconds=1)))


# Behind a page of a keyset without its link, nobody could go on.
@pytest.mark.parametrize(
    ("trouble", "paging"),
    [pair for pair in product(TROUBLE, Paging) if pair != ("no links", Paging.KEYSET)],
)
def test_what_is_collected_is_what_the_peer_has(
    trouble: str, paging: Paging, kit: Tools, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
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


@pytest.mark.requirement("T13")
def test_a_collection_goes_on_in_slices_with_nothing_lost_or_told_twice(
    kit: Tools, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock = Clock()
    monkeypatch.setattr(collecting, "KEPT_AFTER", 20)
    with configured_peer(monkeypatch, clock, faults=Faults({Fault.MOVING: 1})) as peer:
        for name, kind in ((LOCATIONS, Kind.LOCATIONS), (CDRS, Kind.CDRS)):
            truth, invalid = settled_truth(peer, kind, clock), len(peer.world.invalid(kind))
            job = run(name, replace(kit, settings=replace(kit.settings, slice=timedelta(0))))
            assert job.status is Status.COMPLETED, job.error
            assert len(job.attempts) > 2
            have = collected(name)
            unmoved = {key: raw for key, raw in settled_truth(peer, kind, clock).items() if raw == truth[key]}
            assert {key: have.get(key) for key in unmoved} == unmoved
            assert isinstance(job.result, dict)
            assert job.result["partial"] is True
            assert invalid - 5 <= job.result["quarantined"] <= invalid + 5, "some moved out of the window, or in it"
            assert get_document(name).status is TaskStatus.COMPLETED


def test_without_trouble_each_invalid_object_is_told_once(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    with configured_peer(monkeypatch, Clock()) as peer:
        job = run(CDRS, kit)
        invalid = peer.world.invalid(Kind.CDRS)
    assert isinstance(job.result, dict)
    assert job.result["quarantined"] == len(invalid) > 0
    assert [report.name for report in job.reports][-1] == "quarantined.json"


def test_one_peer_that_fails_does_not_keep_the_others(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    with configured_peer(monkeypatch, clock) as peer, serve_peer(world=World(clock=clock, days=5, seed=2)) as other:
        good, bad = peer.secret("charging"), other.secret("charging")
        bad["peers"][0] |= {"name": "other", "token": "wrong"}
        configure(monkeypatch, good | {"peers": [*bad["peers"], *good["peers"]]}, f"{host(peer)},{host(other)}")
        job = run(LOCATIONS, kit)
        assert isinstance(job.result, dict)
        assert (job.status, [*job.result["failedPeers"]]) == (Status.COMPLETED, ["other"])  # type: ignore[misc]
        assert collected(LOCATIONS) == settled_truth(peer, Kind.LOCATIONS, clock)
        configure(monkeypatch, good | {"peers": bad["peers"]}, host(other))
        failed = run(LOCATIONS, kit)
    assert failed.status is Status.FAILED
    assert failed.error is not None
    assert failed.error.code == "peer-refused-token"
    assert collected(LOCATIONS), "what was collected before stays"


def host(peer: Peer) -> str:
    return f"127.0.0.1:{peer.port}"
