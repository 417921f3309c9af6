"""What a job costs on the happy path: counted at the proxy, in the executions' histories and in the table's stream."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from jobmill_local.faults import NO_FAULTS
from jobmill_local.stack import Stack
from tests.chaos import prices
from tests.chaos.calls_seen import Seen, calls_seen
from tests.chaos.collect import stream_records
from tests.chaos.own_stack import OwnStack, own_stack
from tests.chaos.run import prepared, settle
from tests.chaos.units import read_units, written
from tests.chaos.work import Project, Work

AIMS = {"states entered": 1.0, "calls": 15.0, "write units": 24.0, "dollars": 50.0}
"""At most, for each completed job: the functions' calls of DynamoDB, SQS and Step Functions; dollars a million."""
CONTROL = ("dynamodb", "sqs", "states")
S3_READS = frozenset({"GetObject", "HeadObject"})
SETTLE_SECONDS = 300
TYPES = ("Import", "Export")


@dataclass(frozen=True)
class Cost:
    """What was counted for the jobs of one type, or of all; every figure is that of one completed job."""

    name: str
    jobs: int
    per_job: dict[str, float]
    operations: dict[str, float]
    """Calls by function and operation."""

    @property
    def dollars(self) -> dict[str, float]:
        """Of a million jobs, by what is paid for; S3, which carries the jobs' own files, is not control plane."""
        return {name: self.per_job[name] * price for name, price in prices.PER_MILLION.items() if name in self.per_job}

    @property
    def control_dollars(self) -> float:
        """Of a million jobs, without S3."""
        return sum(price for name, price in self.dollars.items() if not name.startswith("S3"))

    @property
    def measured(self) -> dict[str, float]:
        """What the aims are about."""
        return self.per_job | {"dollars": self.control_dollars}


def cost(state: Path, jobs: int) -> list[Cost]:
    """Run so many small jobs of each type, one type after the other, with the durations of AWS and no faults."""
    state.mkdir(parents=True, exist_ok=True)
    with own_stack(state, state / "calls.jsonl", 0, parameters={}) as own:
        projects = prepared(own, state)
        return [_counted(own, projects, type, jobs, state / "calls.jsonl") for type in TYPES]


def _counted(own: OwnStack, projects: Sequence[Project], type: str, jobs: int, log: Path) -> Cost:
    _quiet(own.stack)
    own.proxy.follow(NO_FAULTS)
    calls_before, records_before = len(list(calls_seen(log))), len(list(stream_records(own.stack)))
    ids = _run(own, projects, type, jobs)
    _quiet(own.stack)
    own.proxy.follow(NO_FAULTS)
    at_rest = own.functions["Reconciler"]
    calls = [call for call in list(calls_seen(log))[calls_before:] if call.function != at_rest]
    units = written(list(stream_records(own.stack))[records_before:], calls)
    states = states_entered(own.stack, type, ids)
    functions = {name: key for key, name in own.functions.items()}
    operations = Counter(f"{functions[call.function]} {call.operation}" for call in calls)
    per_job = _figures(calls, operations, units, states)
    return Cost(
        type,
        jobs,
        {name: value / jobs for name, value in per_job.items()},
        {name: number / jobs for name, number in operations.items()},
    )


def _figures(calls: Iterable[Seen], operations: Counter[str], units: dict[str, int], states: int) -> dict[str, float]:
    calls = list(calls)
    services = Counter(call.service for call in calls)
    reads = sum(call.service == "s3" and call.operation in S3_READS for call in calls)
    starts, messages = operations["Dispatcher StartExecution"], states
    return {
        "states entered": states,
        "calls": sum(services[name] for name in CONTROL),
        "DynamoDB calls": services["dynamodb"],
        "Step Functions calls": services["states"],
        "SQS calls": services["sqs"],
        "S3 calls": services["s3"],
        "write units": sum(units.values()),
        "read units": sum(map(read_units, calls)),
        "API requests": starts,
        # Of a message: its sending, its receipt and its deletion, the last two by Lambda, here one message at a time.
        "SQS requests": 3 * (starts + messages),
        # The API, the dispatcher, the processor; and the notifier, for each of its batches.
        "Lambda requests": 2 * starts + messages + operations["Notifier BatchGetItem"],
        "S3 reads": reads,
        "S3 writes": services["s3"] - reads,
    }


def _run(own: OwnStack, projects: Sequence[Project], type: str, jobs: int) -> list[str]:
    """Submit small jobs that complete, one type only, a few under way at a time as in a quiet hour."""
    kind = "import" if type == "Import" else "export"
    every = (Work(projects, 10 * jobs, 0).wanted(number) for number in range(100 * jobs))
    wanted = islice((each for each in every if each.kind == kind), jobs)
    with own.stack.client("admin") as client:
        return [client.submit(type, each.params, project_id=each.project_id).id for each in wanted]


def _quiet(stack: Stack) -> None:
    settle(stack, SETTLE_SECONDS)
    # The notifier counts the last change within a second of it.
    time.sleep(2)


def states_entered(stack: Stack, type: str, job_ids: Iterable[str]) -> int:
    """How many states the jobs' first executions entered, each retry being one more."""
    machines, total = stack.aws("stepfunctions"), 0
    executions = stack.outputs[f"{type}MachineArn"].replace(":stateMachine:", ":execution:")
    for job_id in job_ids:
        pages = machines.get_paginator("get_execution_history").paginate(executionArn=f"{executions}:{job_id}-1")
        events = [event["type"] for page in pages for event in page["events"]]
        total += sum(event == "TaskStateEntered" for event in events)
    return total
