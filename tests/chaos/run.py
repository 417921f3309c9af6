"""A chaos run, from a fresh stack to its judgement."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from jobmill.jobs.rows import Looked
from jobmill_local.faults import NO_FAULTS, Fault, Plan
from jobmill_local.stack import Stack
from tests.chaos.callers import Callers, calls
from tests.chaos.checker import Violation, judge
from tests.chaos.collect import collect, faults, open_executions
from tests.chaos.evidence import FINAL, QUEUED, Evidence
from tests.chaos.mischief import Mischief
from tests.chaos.own_stack import VISIBILITY_SECONDS, OwnStack, own_stack
from tests.chaos.work import PROJECTS, Project, Work, prepare

SUBMITTERS = 2
CANCELLED_SHARE = 0.1
KILL_EACH, STOP_EACH, MEDDLE_EACH = 20, 8, 2
"""One kill, one stop and one late or double message for about so many jobs."""
RECONCILE_SECONDS = 1.0
SETTLE_SECONDS = 4 * VISIBILITY_SECONDS
"""How long a run may take to end once nothing goes wrong any more."""
RATES = {Fault.DROPPED: 0.012, Fault.UNANSWERED: 0.012, Fault.THROTTLED: 0.012, Fault.DELAYED: 0.006}
BURST = 0.5


@dataclass(frozen=True)
class Judged:
    """What a run came to: its figures by name, and everything that was wrong."""

    figures: dict[str, float]
    violations: list[Violation]

    def line(self) -> str:
        """All figures in one line."""
        return " · ".join(f"{value:,} {name}" for name, value in self.figures.items())

    def write(self, path: Path, more: dict[str, Any]) -> None:
        """Keep it as JSON."""
        content = {"figures": self.figures, "violations": [asdict(each) for each in self.violations], **more}
        path.write_text(json.dumps(content, indent=2) + "\n")


def chaos(state: Path, out: Path, jobs: int, seed: int) -> Judged:
    """Run so many jobs under faults, wait until all is quiet, and judge."""
    state.mkdir(parents=True, exist_ok=True)
    out.mkdir(exist_ok=True)
    log = state / "calls.jsonl"
    with own_stack(state, log, seed) as own:
        projects = prepared(own, state)
        callers = Callers(Work(projects, jobs, seed), lambda: own.stack.client("admin"), seed)
        mischief = Mischief(own, callers, seed)
        started_at = time.monotonic()
        with reconciling(mischief):
            _disturbed(own, callers, mischief, seed)
            working = time.monotonic() - started_at
            settled = settle(own.stack, SETTLE_SECONDS)
        seconds = {"seconds": round(time.monotonic() - started_at), "of them settling": round(settled)}
        own.proxy.follow(NO_FAULTS)
        evidence = collect(own.stack, own.stack.client("admin"), callers, projects, log, state)
    violations = judge(evidence)
    told = figures(evidence, violations) | dict(mischief.done) | {f"calls {name}": n for name, n in faults(log).items()}
    judged = Judged(told | seconds | {"jobs a second": round(jobs / working, 2)}, violations)
    judged.write(out / f"chaos-{seed}.json", {"jobs": jobs, "seed": seed, **callers.to_json()})
    return judged


def prepared(own: OwnStack, state: Path) -> list[Project]:
    """The projects, with their files and bases."""
    folder = state / "files"
    folder.mkdir(exist_ok=True)

    def project(number: int) -> Project:
        with own.stack.client("admin") as client:
            return prepare(client, PROJECTS[number], number, folder)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(project, range(len(PROJECTS))))


def _disturbed(own: OwnStack, callers: Callers, mischief: Mischief, seed: int) -> None:
    """Submit all jobs, with everything going wrong until the last is accepted and most have ended."""
    # The local AWS delivers nothing from any queue while it waits for this function.
    spared = frozenset({own.functions["Notifier"]})
    own.proxy.follow(Plan(RATES, BURST, spared=spared))
    with in_threads() as (start, stop):
        start(callers.look, stop)
        start(callers.disturb, stop, CANCELLED_SHARE)
        start(mischief.kill_workers, stop, KILL_EACH)
        start(mischief.meddle_with_messages, stop, MEDDLE_EACH)
        start(mischief.stop_executions, stop, STOP_EACH)
        wait([start(callers.submit_all, stop) for _ in range(SUBMITTERS)])
        while under_way(own.stack) > 5:
            time.sleep(1)
    own.proxy.follow(NO_FAULTS)


@contextmanager
def reconciling(mischief: Mischief) -> Iterator[None]:
    """The reconciler at work all the time."""
    with in_threads() as (start, stop):
        start(mischief.reconcile, stop, RECONCILE_SECONDS)
        yield


@contextmanager
def in_threads() -> Iterator[tuple[Any, threading.Event]]:
    """Starts functions in threads, and an event that ends them; what one of them raised is raised at the end."""
    stop, futures = threading.Event(), list[Future[None]]()
    with ThreadPoolExecutor(max_workers=16) as pool:

        def start(*call: Any) -> Future[None]:
            futures.append(pool.submit(*call))
            return futures[-1]

        try:
            yield start, stop
        finally:
            stop.set()
            wait(futures, return_when=FIRST_EXCEPTION)
    for future in futures:
        future.result()


def settle(stack: Stack, seconds: float) -> float:
    """Wait until no job is under way and no execution goes on; gives the seconds, at most so many.

    Messages of killed workers may be out of sight still: with no job and no execution left, nobody waits for them.
    """
    started_at = time.monotonic()
    while (passed := time.monotonic() - started_at) < seconds:
        if not under_way(stack) and not any(open_executions(stack)):
            break
        time.sleep(1)
    return passed


def under_way(stack: Stack) -> int:
    """How many jobs have not ended, from the table itself."""
    pages = (
        stack.aws("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=stack.outputs["TableName"],
            IndexName="by_look",
            Select="COUNT",
            FilterExpression="NOT begins_with(look_shard, :ended)",
            ExpressionAttributeValues={":ended": {"S": Looked.ENDED}},
        )
    )
    return sum(page["Count"] for page in pages)


def figures(evidence: Evidence, violations: Sequence[Violation]) -> dict[str, float]:
    """The run in numbers, the violations of each kind named even when there are none."""
    rows = [row for job_id, row in evidence.rows.items() if job_id in evidence.accepted]
    ends = Counter(row.status for row in rows)
    seen = Counter(violation.invariant for violation in violations)
    return {
        "jobs": len(evidence.accepted),
        **{status.lower(): ends[status] for status in sorted(FINAL)},
        "cancels answered": len(calls(evidence.answers, "cancel")),
        "retries answered": len(calls(evidence.answers, "retry")),
        **changes(evidence),
        "attempts": sum(row.attempt for row in rows),
        "dataset versions": len(evidence.versions),
        "messages left": len(evidence.leftovers),
        **{name: seen.pop(name, 0) for name in NAMED},
        **seen,
    }


def changes(evidence: Evidence) -> dict[str, int]:
    """How often jobs were queued again, by why."""
    pairs = [pair for images in evidence.images.values() for pair in pairwise(images)]
    moved = [
        after
        for before, after in pairs
        if after.status == QUEUED and (before.status, before.run) != (QUEUED, after.run)
    ]
    seen = Counter(image.last_event for image in moved)
    return {name: seen[kind] for name, kind in QUEUED_AGAIN.items()}


QUEUED_AGAIN = {
    "slices": "continued",
    "automatic retries": "backed-off",
    "recoveries": "recovered",
    "restarts": "restarted",
}
"""Why a job was queued again, by its last event."""
NAMED = (
    "lost", "stuck", "ended-twice", "wrong-result", "rows-twice", "wrong-version", "completed-after-cancel",
    "illegal-change", "submitted-twice", "wrong-count", "open-execution",
)  # fmt: skip
