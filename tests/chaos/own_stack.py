"""A stack of a run's own, with the fault proxy between its functions and the local AWS."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jobmill_local import server
from jobmill_local.deploy import deploy
from jobmill_local.fault_proxy import FaultProxy, function_names
from jobmill_local.stack import Stack

VISIBILITY_SECONDS = 60
PARAMETERS = {
    "LeaseSeconds": "8",
    "LeaseRenewalSeconds": "2",
    "StartGraceSeconds": "10",
    "RetryAfterSeconds": "1",
    "SliceSeconds": "1",
    "RetryIntervalSeconds": "1",
    "RetryCapSeconds": "2",
    "SendIntervalSeconds": "1",
    "SendCapSeconds": "2",
    "NotifierBatchingSeconds": "0",
    # Lambda asks that a message stays away for as long as its function may run. Six times as long, as the
    # template's own numbers are, would bring nothing again within a run.
    "ProcessorTimeoutSeconds": str(VISIBILITY_SECONDS),
    "VisibilitySeconds": str(VISIBILITY_SECONDS),
    "DispatcherTimeoutSeconds": "15",
    "StartsVisibilitySeconds": "15",
    "RequestsPerSecond": "10000",
    "RequestBurst": "10000",
}
WORKERS = 3
"""Processes of each processor at a time: more than that only wait for the machine's cores."""


@dataclass(frozen=True)
class OwnStack:
    """The stack, its server, its proxy, and its functions' names by those in the template."""

    stack: Stack
    server: server.Server
    proxy: FaultProxy
    functions: dict[str, str]


@contextmanager
def own_stack(state: Path, log: Path, seed: int, parameters: Mapping[str, str] = PARAMETERS) -> Iterator[OwnStack]:
    """A fresh stack in this folder, with a proxy that lets nothing go wrong yet; all of it goes at the end."""
    server.stop(state)
    try:
        running = server.start(state, port=0)
        stack = deploy(state, running, parameters)
        functions = function_names(stack.outputs)
        with FaultProxy(running, functions.values(), log, seed) as proxy:
            proxy.put_between(stack)
            limit_workers(stack)
            yield OwnStack(stack, running, proxy, functions)
    finally:
        server.stop(state)


def limit_workers(stack: Stack) -> None:
    """Let each queue have at most `WORKERS` messages in work at a time."""
    client = stack.aws("lambda")
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        if ":sqs:" in mapping["EventSourceArn"]:
            client.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": WORKERS})
