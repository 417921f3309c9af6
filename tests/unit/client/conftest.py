"""The API on a free port of this computer, a client for it, and a folder with a local stack."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from jobmill_client import Client
from jobmill_client.cli import app

from .api_server import TOKEN, ApiServer

type RunCommand = Callable[..., Result]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "TOKEN", "PROJECT", "PASSWORD"):
        monkeypatch.delenv(f"JOBMILL_{name}", raising=False)


@pytest.fixture
def api() -> Iterator[ApiServer]:
    server = ApiServer()
    yield server
    server.close()


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that the client would have slept between its looks at a job."""
    return []


@pytest.fixture
def client(api: ApiServer, pauses: list[float]) -> Iterator[Client]:
    with Client(api.url, TOKEN, 10, sleep=pauses.append, clock=lambda: sum(pauses)) as found:
        yield found


@pytest.fixture
def local_stack(api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `.local/stack.json` for the server; the current folder is one below it."""
    work = tmp_path / "work"
    work.mkdir()
    local = tmp_path / ".local"
    local.mkdir()
    stack = {
        "apiUrl": api.url,
        "region": "eu-central-1",
        "endpointUrl": f"{api.root}/",
        "outputs": {"UserPoolClientId": "client-1"},
        "users": ["demo", "viewer"],
    }
    (local / "stack.json").write_text(json.dumps(stack))
    (local / "users.json").write_text(json.dumps({"demo": "demo-password", "viewer": "viewer-password"}))
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def jobmill(local_stack: Path) -> RunCommand:
    """Runs the command in the local stack's folder; nothing is a terminal."""

    def run(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", **settings})

    return run


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This computer's time zone is Tokyo's, nine hours ahead of UTC."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", "JST-9")
        time.tzset()
        yield
    time.tzset()
