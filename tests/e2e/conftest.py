"""The whole stack on a local AWS of the tests' own, made once and ended with them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobmill_client import Client
from jobmill_local import server
from jobmill_local.deploy import deploy
from jobmill_local.peer import Peer, World, serve_peer
from jobmill_local.peer.foreground import keep_secret
from jobmill_local.stack import Stack
from tests.chaos.own_stack import limit_workers
from tests.e2e.jobs import LARGE_ROWS
from tests.e2e.own_folder import lend_build, own_folder

JOBMILL = Path(sys.executable).with_name("jobmill")
# Waits that a test would sit through; everything else is as on AWS.
PARAMETERS = {
    "RetryIntervalSeconds": "1",
    "RetryCapSeconds": "2",
    "RetryAfterSeconds": "1",
    "NotifierBatchingSeconds": "0",
    "LeaseSeconds": "15",
    "LeaseRenewalSeconds": "3",
    "SliceSeconds": "2",
    "CollectDevicesHealthSchedule": "rate(1 minute)",
    # At New Year, so that only the test collects them
    "CollectChargeCdrsSchedule": "cron(0 0 1 1 ? *)",
    "SmsSending": "On",
}


@pytest.fixture(scope="session")
def peer() -> Iterator[Peer]:
    """Whom the stack's tasks ask."""
    with serve_peer(world=World(clock=lambda: datetime.now(UTC))) as one:
        yield one


@pytest.fixture(scope="session")
def stack(peer: Peer) -> Iterator[Stack]:
    """The deployed stack; a stack of `make run` may be up beside it."""
    state = own_folder()
    server.stop(state)
    lend_build(state)
    try:
        running = server.start(state, port=0)
        secret = keep_secret(server.aws_client("secretsmanager", running.url), peer)
        hosts = peer.url.removeprefix("http://")
        deployed = deploy(state, running, PARAMETERS | {"PeersSecret": secret, "PrivatePeerHosts": hosts})
        limit_workers(deployed)
        yield deployed
    finally:
        server.stop(state)


@pytest.fixture(scope="session")
def client_for(stack: Stack) -> Iterator[Callable[[str], Client]]:
    """Jobmill's client, signed in as the user of a name."""
    with ExitStack() as clients:
        yield lambda user: clients.enter_context(stack.client(user))


@pytest.fixture
def jobmill(stack: Stack, tmp_path: Path):
    """Run the command against the stack, in an empty folder; gives what it says on stdout."""

    def run(*arguments: str, expect: int = 0, user: str = "demo", project: str = "demo") -> str:
        environment = os.environ | {"JOBMILL_URL": stack.api_url, "JOBMILL_TOKEN": stack.token(user)}
        ran = subprocess.run(
            [JOBMILL, *arguments],
            env=environment | {"JOBMILL_PROJECT": project},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert ran.returncode == expect, ran.stderr
        assert "Traceback" not in ran.stderr
        return ran.stdout

    return run


@pytest.fixture(scope="session")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes seconds to import."""
    path = tmp_path_factory.mktemp("large") / "large.csv"
    with path.open("w") as file:
        file.write("number,text,share,when\n")
        file.writelines(f"{n},text {n},{n / 7:.6f},2026-01-{n % 28 + 1:02}\n" for n in range(LARGE_ROWS))
    return path
