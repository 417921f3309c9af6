"""The `jobmill` command as a process: signals, terminals and pipes."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

from .api_server import IMPORTED, JOB_ID, ApiServer, a_job, as_json


def start(*arguments: str, **pipes: int) -> subprocess.Popen[bytes]:
    code = "from jobmill_client.cli import app; app()"
    return subprocess.Popen([sys.executable, "-c", code, *arguments], **pipes)  # type: ignore[call-overload, no-any-return]


def test_ctrl_c_leaves_the_job_running_and_says_so(api: ApiServer, local_stack: Path) -> None:
    api.will_answer("GET", f"/api/jobs/{JOB_ID}", as_json(a_job("Running"), Retry_After="30"))
    process = start("watch", JOB_ID, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    assert process.stderr.readline() == b"Import Running 40 %\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, b"")
    assert f"Job {JOB_ID} goes on" in err.decode()
    assert b"Traceback" not in err
    assert api.seen("POST", f"/api/jobs/{JOB_ID}/cancel") == []


def test_a_terminal_gets_a_bar_and_the_pipe_beside_it_stays_pure(api: ApiServer, local_stack: Path) -> None:
    api.will_go(a_job("Running"), a_job("Running", progress=70), a_job("Completed", result=IMPORTED))
    terminal, its_end = pty.openpty()
    process = start("watch", JOB_ID, "--json", stdout=subprocess.PIPE, stderr=its_end)
    os.close(its_end)
    drawn = b""
    try:
        while block := os.read(terminal, 65536):
            drawn += block
    except OSError:
        pass
    out, _ = process.communicate(timeout=20)
    os.close(terminal)
    assert b"\x1b[" in drawn
    assert b"Import Running" in drawn
    assert json.loads(out)["result"] == IMPORTED
