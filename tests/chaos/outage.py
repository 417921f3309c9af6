"""SQS, Step Functions and S3 away for a while: jobs are accepted and shown all the same, and end when they are back."""

import time
from pathlib import Path

from jobmill_client import Client, JobmillError
from jobmill_local.calls import S3, SQS, STEP_FUNCTIONS
from jobmill_local.faults import NO_FAULTS, Plan
from tests.chaos.callers import Callers
from tests.chaos.checker import Violation, judge
from tests.chaos.collect import collect, faults
from tests.chaos.evidence import FINAL
from tests.chaos.mischief import Mischief
from tests.chaos.own_stack import OwnStack, own_stack
from tests.chaos.run import SETTLE_SECONDS, Judged, figures, prepared, reconciling, settle
from tests.chaos.work import Work

AWAY = frozenset({SQS, STEP_FUNCTIONS, S3})
BEFORE = 8
"""Jobs that are under way when the services go."""
PAUSE_SECONDS = 1.0
TIMEOUT_SECONDS = 30.0


def outage(state: Path, out: Path, seconds: float) -> Judged:
    """Submit and look while the services are away for so many seconds, wait until all is quiet, and judge."""
    state.mkdir(parents=True, exist_ok=True)
    out.mkdir(exist_ok=True)
    log = state / "calls.jsonl"
    with own_stack(state, log, 0) as own:
        projects = prepared(own, state)
        callers = Callers(
            Work(projects, BEFORE + int(seconds / PAUSE_SECONDS), 0), lambda: own.stack.client("admin"), 0
        )
        mischief = Mischief(own, callers, 0)
        with reconciling(mischief):
            refusals = _away(own, callers, seconds)
            settled = settle(own.stack, SETTLE_SECONDS)
        own.proxy.follow(NO_FAULTS)
        evidence = collect(own.stack, own.stack.client("admin"), callers, projects, log, state)
    violations = [*refusals, *judge(evidence)]
    told = {"seconds away": seconds, "refused": len(refusals), "calls not answered": faults(log)["outage"]}
    told |= figures(evidence, violations) | {"seconds settling": round(settled)}
    judged = Judged(told | dict(mischief.done), violations)
    judged.write(out / "outage.json", {"final": sorted(FINAL)})
    return judged


def _away(own: OwnStack, callers: Callers, seconds: float) -> list[Violation]:
    """Submit and look without a retry, some jobs before and the rest while the services are away."""
    refusals = []
    with Client(own.stack.api_url, own.stack.token("admin"), TIMEOUT_SECONDS, retries=0) as client:
        for number in range(BEFORE):
            callers.submit(client, number)
        own.proxy.follow(Plan(away=AWAY))
        until, number = time.monotonic() + seconds, BEFORE
        while time.monotonic() < until:
            try:
                client.job(callers.submit(client, number))
            except JobmillError as error:
                refusals.append(Violation("refused", f"job {number}", repr(error)))
            number += 1
            time.sleep(PAUSE_SECONDS)
    own.proxy.follow(NO_FAULTS)
    return refusals
