"""The `jobmill` command on the running stack, as a person and as a script use it."""

import json
import subprocess
from pathlib import Path

import requests

from jobmill_local.stack import Stack
from tests.e2e.conftest import JOBMILL


def test_a_file_goes_in_and_a_workbook_comes_out(jobmill, tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_text("code,name\n007,Oslo\n008,Bergen\n")
    imported = json.loads(jobmill("import", "places.csv", "--json"))
    assert imported["result"]["recordsCreated"] == 2
    jobmill("export", "places", "--where", 'code = "007"', "-o", "out.xlsx")
    assert (tmp_path / "out.xlsx").read_bytes().startswith(b"PK")
    listed = json.loads(jobmill("list", "--json"))
    assert imported["id"] in [job["id"] for job in listed]
    assert json.loads(jobmill("show", imported["id"], "--json"))["status"] == "Completed"
    assert "Completed" in jobmill("watch", imported["id"])
    jobmill("cancel", imported["id"], expect=1)


def test_a_failed_job_can_be_seen_retried_and_cancelled(jobmill, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    failed = json.loads(jobmill("import", "empty.csv", "--json", expect=1))
    assert failed["errorCode"] == "empty-file"
    assert json.loads(jobmill("retry", failed["id"], "--json"))["status"] == "Queued"
    jobmill("watch", failed["id"], expect=1)


def test_a_token_is_printed_and_nothing_else(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / ".local").symlink_to(stack.state)
    ran = subprocess.run(
        [JOBMILL, "token", "--user", "viewer"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.count("\n") == 1
    headers = {"Authorization": f"Bearer {ran.stdout.strip()}"}
    assert requests.get(f"{stack.api_url}/api/projects/demo", headers=headers, timeout=30).status_code == 200
