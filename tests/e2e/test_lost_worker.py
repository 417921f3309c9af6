"""A worker that is killed in the middle of its job: another one does the job, and nothing is done twice."""

import os
import signal
import time
from pathlib import Path

import pytest
import requests

from jobmill_local.stack import Stack
from tests.e2e.jobs import LARGE_ROWS, import_params, wait_for_progress


def workers(stack: Stack, job_type: str) -> list[int]:
    """The processes of this stack's processors of a type."""
    mark = f"{stack.state}/tmp/ministack-lambda-jobmill-{job_type}Processor".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds the worker in /proc")
def test_a_killed_worker_s_job_is_done_by_another_one_once(stack: Stack, large_file: Path) -> None:
    client = stack.client("demo")
    job = client.submit("Import", import_params(client, large_file, "e2e-killed"), project_id="demo")
    assert wait_for_progress(client, job.id).status == "Running"
    killed = workers(stack, "Import")
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 240
    while not (job := client.job(job.id)).has_ended and time.monotonic() < until:
        time.sleep(1)
    assert (job.status, job.run, job.attempt) == ("Completed", 2, 2)
    assert (job.result["recordsCreated"], job.result["version"]) == (LARGE_ROWS, 1)
    headers = {"Authorization": f"Bearer {stack.token('demo')}"}
    attempts = requests.get(f"{stack.api_url}/api/jobs/{job.id}/attempts", headers=headers, timeout=30).json()
    assert [attempt["outcome"] for attempt in attempts] == ["lost", "completed"]
