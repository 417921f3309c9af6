"""`make peer`: the secret of the stack, what it prints, and its end."""

import io
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from rich.console import Console

from jobmill_local.peer import serve_peer
from jobmill_local.peer.foreground import SECRET, keep_secret, serve_until
from jobmill_local.stack import Stack
from tests.unit.peer.reading import get


@pytest.fixture
def secrets() -> Iterator[Any]:
    with mock_aws():
        yield boto3.Session("test", "test", region_name="eu-central-1").client("secretsmanager")


class StackOnMoto(Stack):
    """A stack whose AWS is moto."""

    def aws(self, service: str) -> Any:
        return boto3.Session("test", "test", region_name=self.region).client(service)


def content(secrets: Any, arn: str) -> Any:
    return json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])


def test_the_secret_is_made_and_then_follows_the_peer(secrets: Any) -> None:
    with serve_peer() as one, serve_peer() as other:
        arn = keep_secret(secrets, one)
        assert secrets.describe_secret(SecretId=SECRET)["ARN"] == arn
        assert content(secrets, arn) == one.secret()
        assert keep_secret(secrets, other) == arn
        assert content(secrets, arn) == other.secret()


def test_it_says_how_to_collect_from_it_and_what_it_is_asked(
    secrets: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("jobmill_local.peer.foreground.TICK_SECONDS", 0)
    monkeypatch.setattr("jobmill_local.peer.foreground.TELL_SECONDS", 0.01)
    said, stopped = io.StringIO(), threading.Event()
    empty: dict[str, Any] = {"api_url": "", "endpoint_url": "", "parameters": {}, "outputs": {}, "users": ()}
    stack = StackOnMoto(state=tmp_path, region="eu-central-1", source="", **empty)
    console = Console(file=said, soft_wrap=True, markup=False)
    thread = threading.Thread(target=serve_until, args=(stack, 0, console, stopped))
    thread.start()
    try:
        until = time.monotonic() + 30
        while "What it is asked" not in said.getvalue() and time.monotonic() < until:
            time.sleep(0.02)
        arn = secrets.describe_secret(SecretId=SECRET)["ARN"]
        secret = content(secrets, arn)
        url = secret["peers"][0]["locationsUrl"]
        address = url.split("/")[2]
        assert f'make run PARAMS="PeersSecret={arn} PrivatePeerHosts={address}"' in said.getvalue()
        before = get(secret["devices"]["url"], f"Token {secret['devices']['token']}").json
        while "GET /devices" not in said.getvalue() and time.monotonic() < until:
            time.sleep(0.02)
        while get(secret["devices"]["url"], f"Token {secret['devices']['token']}").json == before:
            assert time.monotonic() < until, "nothing changes"
            time.sleep(0.1)
    finally:
        stopped.set()
        thread.join(10)
    assert "GET /devices" in said.getvalue()
    assert said.getvalue().endswith("Stopped.\n")
    assert not thread.is_alive()
