"""The local AWS as a background process: MiniStack, started from an environment of its own."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import requests
from botocore.session import Session

from jobmill_local.toolchain import ACCESS_KEY, REGION, ROOT, SECRET_KEY, ToolFailed, run, uv

HOST = "127.0.0.1"
PORT = 4650
READY_SECONDS = 60
STOP_SECONDS = 10


@dataclass(frozen=True)
class Server:
    """A running local AWS: its process, which leads its own group, and its port on 127.0.0.1."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        """Where all of its AWS APIs answer."""
        return f"http://{HOST}:{self.port}"


def aws_client(service: str, endpoint_url: str) -> Any:
    """A boto3 client of a local AWS, with its owner's rights; the user's own profiles and files are not read."""
    name: Any = service  # the stubs know services by literal names
    nothing, no_file = (None, None, None, None), (None, None, os.devnull, None)
    own = Session(session_vars={"profile": nothing, "config_file": no_file, "credentials_file": no_file})
    return boto3.Session(ACCESS_KEY, SECRET_KEY, region_name=REGION, botocore_session=own).client(
        name, endpoint_url=endpoint_url
    )


def running(state: Path) -> Server | None:
    """The server of this state folder, if it runs.

    It holds a lock on its file for as long as it lives, so that neither a reboot nor a process that was given
    the same number later is taken for it.
    """
    path = _lock_path(state)
    if not path.exists():
        return None
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return Server(**json.load(file))
    return None


def start(state: Path, port: int = PORT) -> Server:
    """Start a server, empty; on another port if this one is taken. Raises ToolFailed."""
    state.mkdir(parents=True, exist_ok=True)
    run([uv(), "sync", "--frozen", "--project", "local/aws"], state / "sync.log", VIRTUAL_ENV="")
    temporary = state / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    port = _free_port(port)
    python = ROOT / "local/aws/.venv/bin/python"
    with _lock_path(state).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.set_inheritable(lock.fileno(), True)
        server = Server(_spawn(python, _environment(python, temporary, port), _log_path(state)), port)
        json.dump({"pid": server.pid, "port": server.port}, lock)
    _wait_until_ready(server, _log_path(state))
    return server


def stop(state: Path) -> bool:
    """End this folder's server and the functions' workers that it started. False if none runs."""
    server = running(state)
    if server is None:
        return False
    os.kill(server.pid, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while running(state) and time.monotonic() < until:
        time.sleep(0.05)
    # Workers stay in its group, and outlive it by as long as their last event takes.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    _lock_path(state).unlink(missing_ok=True)
    shutil.rmtree(state / "tmp", ignore_errors=True)
    return True


def _lock_path(state: Path) -> Path:
    return state / "aws.json"


def _log_path(state: Path) -> Path:
    return state / "aws.log"


def _environment(python: Path, temporary: Path, port: int) -> dict[str, str]:
    """All that the server sees: the functions inherit it, and Lambda would not give them the user's."""
    return {
        "PATH": f"{python.parent}{os.pathsep}{os.defpath}",
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }


def _spawn(python: Path, environment: dict[str, str], log: Path) -> int:
    """The process id of a new MiniStack, which leads a session and group of its own and outlives us."""
    writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), writing, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    command = [str(python), "-m", "ministack"]
    return os.posix_spawn(command[0], command, environment, file_actions=files, setsid=True)


def _free_port(wanted: int) -> int:
    """`wanted` if nobody has it, else any free port; 0 asks for any."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ToolFailed("no port is free on 127.0.0.1")


def _wait_until_ready(server: Server, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if os.waitpid(server.pid, os.WNOHANG) != (0, 0):
            raise ToolFailed(f"the local AWS did not start ({log}):\n{log.read_text()[-2000:]}")
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"{server.url}/_ministack/health", timeout=2).ok:
                return
        time.sleep(0.05)
    os.killpg(server.pid, signal.SIGKILL)
    raise ToolFailed(f"the local AWS was not ready after {READY_SECONDS} s ({log})")
