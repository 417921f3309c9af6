"""The rules of a job's row, told a second time and from outside: what a row may be, and how it may change.

Rows are as the table has them, `Row`: plain values, absent fields absent, times in epoch milliseconds.
"""

from datetime import timedelta
from itertools import pairwise
from typing import Any

type Row = dict[str, Any]

ACTIVE = ("Queued", "Running")
LEASE = timedelta(seconds=120)
SLICE = timedelta(seconds=30)
GRACE = timedelta(seconds=60)
IDEMPOTENCY = timedelta(days=1)
RETENTION = timedelta(days=30)
MOST_RECOVERIES = 3
ALWAYS_THE_SAME = {
    "pk", "sk", "id", "type", "project_id", "scope", "created_by", "created_by_name", "created_at",
    "run_limit_ms", "data", "internal_data",
}  # fmt: skip
GONE_WITH_A_RETRY = {
    "result", "error", "progress", "progress_message", "checkpoint", "started_at", "completed_at", "expires_at",
}  # fmt: skip
OWNED = ("owner", "lease_until", "deadline", "claimed_at")
MAY_CHANGE = {
    ("Running", "Running"): {"lease_until", "progress", "progress_message", "checkpoint", "recoveries", "look_at"},
    ("Queued", "Queued"): {"told", "look_at", "look_shard", "run", "pass", "time_left_ms", "events", "archived"},
}
MOVES = {
    ("Queued", "Running"),
    ("Running", "Queued"),
    ("Failed", "Queued"),
    ("Cancelled", "Queued"),
    *((active, end) for active in ACTIVE for end in ("Failed", "Cancelled")),
    ("Running", "Completed"),
}
GIVEN_BACK = ("continued", "backed-off")
"""Events whose attempts' time counts against the run's limit: after the others there is a new run, or none."""
BY = "Person"


def check_row(row: Row) -> None:
    """What holds of a row at any time."""
    status, active, running = row["status"], row["status"] in ACTIVE, row["status"] == "Running"
    assert row["status_id"] == f"{status}#{row['id']}"
    assert {"look_at", "look_shard"} <= row.keys()
    assert row["look_shard"].startswith("ended") == (not active)
    assert not running or row["look_shard"].startswith("claimed"), "a lost worker would be looked for too late"
    assert ("expires_at" in row) == ("completed_at" in row) == (not active)
    assert ("result" in row) == (status == "Completed") == (row.get("progress") == 100)
    assert ("error" in row) == (status == "Failed")
    assert all((name in row) == running for name in OWNED)
    assert not row["reports"] or status in ("Completed", "Failed")
    assert all(report["key"] == f"{row['run']}-{row['attempt']}/{report['name']}" for report in row["reports"])
    assert row["told"] or row["pass"] > 0, "only a release is told"
    assert not running or "started_at" in row
    assert row["recoveries"] <= MOST_RECOVERIES
    _check_attempts(row)


def _check_attempts(row: Row) -> None:
    """The events tell each ended attempt once, in order, and the run's working time adds up."""
    if row["archived"]:
        return
    attempts = [event for event in row["events"] if "attempt" in event]
    ended = row["attempt"] - (row["status"] == "Running")
    assert [each["attempt"] for each in attempts] == list(range(1, int(ended) + 1))
    assert all(before["run"] <= after["run"] for before, after in pairwise(row["events"]))
    given_back = [each for each in attempts if each["run"] == row["run"] and each["kind"] in GIVEN_BACK]
    used = sum(each["at"] - each["started_at"] for each in given_back)
    assert row["time_left_ms"] == row["run_limit_ms"] - used


def check_move(old: Row, new: Row, now: int) -> None:
    """What holds of every change of a row, at the time `now`."""
    move = (old["status"], new["status"])
    changed = {name for name in old | new if old.get(name) != new.get(name)}
    assert not changed & ALWAYS_THE_SAME
    assert new["updated_at"] == now, f"{move} {changed} {new['updated_at']} {now}"
    if move in MAY_CHANGE:
        assert changed - {"updated_at"} <= MAY_CHANGE[move]
        assert new["version"] == old["version"]
    else:
        assert move in MOVES
        assert new["version"] == old["version"] + 1
    assert new["attempt"] == old["attempt"] + (move == ("Queued", "Running"))
    assert new["run"] - old["run"] in _runs_on(move)
    _check_run(old, new)
    _check_event(old, new, now)
    for follow_up, check in ((move == ("Queued", "Running"), _check_claim), (move[1] not in ACTIVE, _check_end)):
        if follow_up:
            check(new, now)
    if move == ("Running", "Running"):
        assert new["lease_until"] >= old["lease_until"]
    if move[1] in ACTIVE and "look_at" in changed:
        assert new["look_at"] >= now
    if old["status"] not in ACTIVE:
        assert not GONE_WITH_A_RETRY & new.keys()
    _check_params(old, new)


def _runs_on(move: tuple[str, str]) -> tuple[int, ...]:
    if move[1] != "Queued":
        return (0,)
    return (0, 1) if move[0] in ACTIVE else (1,)


def _check_run(old: Row, new: Row) -> None:
    """What belongs to the run: its pass, its time, its progress; what outlives it: the count of recoveries."""
    retried = old["status"] not in ACTIVE
    recovered = old["status"] == "Running" and new["run"] > old["run"]
    if new["run"] > old["run"]:
        assert (new["pass"], new["told"], new["time_left_ms"]) == (0, True, new["run_limit_ms"])
    elif (old["status"], new["status"]) == ("Running", "Queued"):
        assert new["pass"] > old["pass"]
        assert not new["told"]
    else:
        assert new["pass"] == old["pass"]
        assert new["told"] >= old["told"]
    if not retried:
        assert new.get("progress", -1) >= old.get("progress", -1)
        assert "checkpoint" in new or "checkpoint" not in old
    if new["run"] > old["run"] and not retried:
        assert (new.get("progress"), new.get("checkpoint")) == (old.get("progress"), old.get("checkpoint"))
    is_new = new.get("checkpoint") not in (None, old.get("checkpoint"))
    assert not is_new or old["status"] == "Running"
    assert new["recoveries"] == (0 if retried or is_new else old["recoveries"] + recovered)


def _check_claim(new: Row, now: int) -> None:
    assert new["claimed_at"] == now
    assert new["lease_until"] == now + LEASE // timedelta(milliseconds=1)
    assert new["deadline"] == now + new["time_left_ms"]


def _check_end(new: Row, now: int) -> None:
    assert new["completed_at"] == now
    gone = now + RETENTION // timedelta(milliseconds=1)
    assert new["expires_at"] == gone // 1000


def _check_event(old: Row, new: Row, now: int) -> None:
    """The change told what it was, once and rightly, and nothing of what was told before changed."""
    kinds = _kinds(old, new)
    if not kinds:
        assert (new["events"], new["archived"]) == (old["events"], old["archived"])
        return
    archived = int(new["archived"] - old["archived"])
    assert new["events"][:-1] == old["events"][archived:]
    event = dict(new["events"][-1])
    error = event.pop("error", None)
    kind = event["kind"]
    assert kind in kinds
    assert (error is not None) == (kind in ("failed", "backed-off", "recovered"))
    assert kind != "failed" or error == new["error"]
    wanted = {"kind": kind, "at": now, "run": old["run"]}
    if old["status"] == "Running":
        wanted |= {"attempt": old["attempt"], "started_at": old["claimed_at"]}
    if kind in ("cancelled", "retried"):
        wanted["by"] = BY
    assert event == wanted
    _check_reason(old, new, now)


def _kinds(old: Row, new: Row) -> tuple[str, ...]:
    """What a change may be called; nothing for one that is not told."""
    is_next_run = new["run"] > old["run"]
    match old["status"], new["status"]:
        case ("Running", "Queued"):
            return ("recovered",) if is_next_run else GIVEN_BACK
        case ("Queued", "Queued"):
            return ("restarted",) if is_next_run else ()
        case (_, "Queued"):
            return ("retried",)
        case (_, "Running"):
            return ()
    return (new["status"].lower(),)


def _check_reason(old: Row, new: Row, now: int) -> None:
    """Who took a job from its worker had a reason: the lease has passed, and what more he says is so."""
    if new["events"][-1]["kind"] == "recovered":
        assert old["lease_until"] <= now < old["deadline"]
    error = new.get("error", "")
    if '"crashed"' in error:
        assert old["lease_until"] <= now
        assert old["recoveries"] == MOST_RECOVERIES
    if '"machine-timeout"' in error and old["status"] == "Running":
        assert old["deadline"] <= now


def _check_params(old: Row, new: Row) -> None:
    if new["params"] != old["params"]:
        assert old["status"] not in ACTIVE
        assert new["former_params"] == [*old["former_params"], {"run": old["run"], "params": old["params"]}]
    else:
        assert new["former_params"] == old["former_params"]
