"""Turns: of two runs that would ask one peer, one does, and the other asks it after that."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jobmill.charging import collecting
from jobmill.jobs.job import Job
from jobmill.jobs.operations import complete_job, create_job, destroy_job, get_job
from jobmill.jobs.services import lifecycle
from jobmill.jobs.status import Status
from jobmill.processing.attempt import Message, Tools, run_attempt
from jobmill.processors.tasks import run_task
from jobmill.scheduled import scheduled_tasks
from jobmill.tasks.names import TaskName
from jobmill.tasks.starting import Asker, start_now
from jobmill.tasks.turns import end_turn, take_turn
from jobmill_local.peer import Kind
from tests.stack.attempts import delivery
from tests.stack.collecting import Clock, attempt_to_end, collected, configured_peer, run, settled_truth

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("T15")]

THING = "peer#local-peer"
LOCATIONS, CDRS = TaskName.COLLECT_CHARGE_LOCATIONS, TaskName.COLLECT_CHARGE_CDRS


def a_job() -> Job:
    return create_job(project_id="system", created_by="test")


def test_one_has_the_thing_until_it_lets_go() -> None:
    one, two = a_job().id, a_job().id
    assert take_turn(THING, one)
    assert take_turn(THING, one), "safe to repeat"
    assert not take_turn(THING, two)
    assert take_turn("peer#another", two)
    end_turn(THING, two)
    assert not take_turn(THING, two), "only who has it lets go"
    end_turn(THING, one)
    end_turn(THING, one)
    assert take_turn(THING, two)
    assert not take_turn(THING, one)


@pytest.mark.parametrize("how", ["completed", "cancelled", "gone"])
def test_one_that_has_ended_has_nothing(how: str) -> None:
    one, two = a_job(), a_job()
    assert take_turn(THING, one.id)
    if how == "cancelled":
        lifecycle().cancel(get_job(one.id))
    else:
        complete_job(one.id, {})
    if how == "gone":
        destroy_job(one.id)
    assert take_turn(THING, two.id)
    end_turn(THING, one.id)
    assert not take_turn(THING, a_job().id)


def test_of_many_at_once_one_has_it() -> None:
    ended = a_job()
    take_turn(THING, ended.id)
    complete_job(ended.id, {})
    for _ in range(3):
        jobs = [a_job().id for _ in range(6)]
        barrier, found = threading.Barrier(6), []

        def take(job_id: str, barrier: threading.Barrier = barrier, found: list[str] = found) -> None:
            barrier.wait()
            if take_turn(THING, job_id):
                found.append(job_id)

        threads = [threading.Thread(target=take, args=(job_id,)) for job_id in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(found) == 1
        end_turn(THING, found[0])


def test_a_run_that_finds_its_peer_busy_asks_it_after_that(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.charging.peers.time.sleep", lambda seconds: None)
    clock = Clock()
    with configured_peer(monkeypatch, clock) as peer:
        other = start_now(scheduled_tasks()[CDRS].spec, Asker("id-of-admin", "admin"))
        assert take_turn(THING, other.id)
        job = start_now(scheduled_tasks()[LOCATIONS].spec, Asker("id-of-admin", "admin"))
        quick = replace(kit, settings=replace(kit.settings, slice=timedelta(0)))
        run_attempt(Message(job.id, job.run, 0, "token"), run_task, delivery("first"), quick)
        job = get_job(job.id)
        assert (job.status, job.attempts[-1].outcome) == (Status.QUEUED, "continued"), "it waits, and has not failed"
        assert (collected(LOCATIONS), peer.counting.highest()) == ({}, 0)
        end_turn(THING, other.id)
        assert attempt_to_end(job, kit).status is Status.COMPLETED
        assert collected(LOCATIONS) == settled_truth(peer, Kind.LOCATIONS, clock)
        assert attempt_to_end(other, kit).status is Status.COMPLETED


def test_a_peer_that_stays_busy_is_left_for_the_next_run(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.charging.peers.time.sleep", lambda seconds: None)
    monkeypatch.setattr(collecting.Collection, "_is_late", lambda self: True)
    with configured_peer(monkeypatch, Clock()) as peer:
        other = start_now(scheduled_tasks()[CDRS].spec, Asker("id-of-admin", "admin"))
        assert take_turn(THING, other.id)
        job = run(LOCATIONS, kit)
        assert isinstance(job.result, dict)
        assert (job.status, job.result["behind"]) == (Status.COMPLETED, ["local-peer"])
        assert peer.counting.highest() == 0


def test_two_runs_at_once_ask_a_peer_one_after_the_other(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.charging.peers.time.sleep", lambda seconds: None)
    clock = Clock()
    with configured_peer(monkeypatch, clock) as peer:
        jobs = [start_now(scheduled_tasks()[name].spec, Asker("id-of-admin", "admin")) for name in (LOCATIONS, CDRS)]
        ended: list[Any] = []

        def work(job: Job) -> None:
            for _ in range(100):
                job = attempt_to_end(get_job(job.id), kit)
                if job.status != Status.QUEUED:
                    break
                threading.Event().wait(0.2)
            ended.append(job.status)

        threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert ended == [Status.COMPLETED] * 2
        assert peer.counting.highest() == 1
        assert collected(LOCATIONS) == settled_truth(peer, Kind.LOCATIONS, clock)
        assert collected(CDRS) == settled_truth(peer, Kind.CDRS, clock)
