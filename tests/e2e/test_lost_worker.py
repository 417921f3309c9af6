"""A worker that is killed in the middle of its job: another one does the job, and nothing is done twice."""

import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from jobmill_local import server
from jobmill_local.stack import Stack
from jobmill_local.workers import holder, kill
from tests.e2e.jobs import LARGE_ROWS, import_params, wait_for_progress

TAKEN_SECONDS = 5
"""Within which a worker that is not paused has taken what waits for it, many times over."""


def command(stack: Stack, name: str, *arguments: str) -> str:
    """What `python -m jobmill_local` says to a command about the tests' stack."""
    line = [sys.executable, "-m", "jobmill_local", name, "--state", str(stack.state), *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False).stdout


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the worker in /proc")
def test_a_killed_worker_s_job_is_done_by_another_one_once(stack: Stack, large_file: Path) -> None:
    client = stack.client("demo")
    job = client.submit("Import", import_params(client, large_file, "e2e-killed"), project_id="demo")
    assert wait_for_progress(client, job.id).status == "Running"
    # Not by the command, whose start takes as long as the job may.
    running = server.running(stack.state)
    assert running
    kill(holder(stack, running, job.id))
    until = time.monotonic() + 240
    while not (job := client.job(job.id)).has_ended and time.monotonic() < until:
        time.sleep(1)
    assert (job.status, job.run) == ("Completed", 2)
    assert (job.result["recordsCreated"], job.result["version"]) == (LARGE_ROWS, 1)
    headers = {"Authorization": f"Bearer {stack.token('demo')}"}
    attempts = requests.get(f"{stack.api_url}/api/jobs/{job.id}/attempts", headers=headers, timeout=30).json()
    outcomes = [attempt["outcome"] for attempt in attempts if attempt["outcome"] != "continued"]
    assert outcomes == ["lost", "completed"]


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the worker in /proc")
def test_only_a_job_that_a_worker_holds_has_one_to_kill(stack: Stack) -> None:
    assert "there is no job" in command(stack, "kill-worker", str(uuid4()))


def test_paused_workers_take_no_job_until_they_are_resumed(stack: Stack, tmp_path: Path) -> None:
    client = stack.client("demo")
    small = tmp_path / "small.csv"
    small.write_text("code,name\n007,Oslo\n")
    params = import_params(client, small, "e2e-paused")
    assert "Export, Import" in command(stack, "pause-workers")
    try:
        jobs = [client.submit("Import", params, project_id="demo") for _ in range(2)]
        until = time.monotonic() + 60
        while (waiting := _waiting(stack)) != 2 and time.monotonic() < until:
            time.sleep(0.2)
        assert waiting == 2
        time.sleep(TAKEN_SECONDS)
        assert _waiting(stack) == 2
        assert [client.job(job.id).status for job in jobs] == ["Queued", "Queued"]
    finally:
        assert "Export, Import" in command(stack, "resume-workers")
    assert [client.wait(job.id, timeout=240).status for job in jobs] == ["Completed", "Completed"]


def _waiting(stack: Stack) -> int:
    """How many messages lie in the queue of imports, for anyone to take."""
    asked = {"QueueUrl": stack.outputs["ImportQueueUrl"], "AttributeNames": ["ApproximateNumberOfMessages"]}
    return int(stack.aws("sqs").get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"])
