"""docs/own-task.md and docs/own-job-type.md, followed on a copy of the sources, which is deployed and used."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobmill_client import Client
from jobmill_local import server
from jobmill_local.stack import Stack, read_stack
from jobmill_local.toolchain import ROOT, isolated_environment, uv
from tests.e2e.own_folder import own_folder

TASK_PAGE, TYPE_PAGE = ROOT / "docs" / "own-task.md", ROOT / "docs" / "own-job-type.md"
COPIED = ("template.yaml", "samconfig.toml", "statemachines", "functions", "layers", "local/jobmill_local")
LOCAL_AWS = "local/aws"
PATIENCE_SECONDS = 180
AIRPORTS = "icao,country,elevation\nEDDF,DE,364\nEDDM,DE,\nLOWW,AT,600\n"


def blocks(page: Path, language: str) -> list[str]:
    """The page's code blocks of a language, in their order."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


def module_of(page: Path) -> Path:
    """Where the page has its reader put the module."""
    (named,) = re.findall(r"as `(layers/\S+\.py)`", page.read_text())
    return Path(named)


def copied(folder: Path) -> Path:
    """A fresh copy of all that is deployed and deploys, in the folder; the local AWS's environment is shared."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in COPIED:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, target)
    (folder / LOCAL_AWS).symlink_to(ROOT / LOCAL_AWS)
    return folder


def put_above(line: str, block: str, text: str) -> str:
    """The text with the block, and an empty line, above its one line that begins so."""
    (found,) = re.findall(rf"^{re.escape(line)}", text, re.MULTILINE)
    return text.replace(f"\n{found}", f"\n{block}\n{found}")


def with_both_pages(template: str) -> str:
    """The template, changed as the pages say: a row above `TaskSchedules`, a row in a mapping, the list of types."""
    (task_row,) = blocks(TASK_PAGE, "yaml")
    type_row, types = blocks(TYPE_PAGE, "yaml")
    template = put_above("  TaskSchedules:", task_row, template)
    template = template.replace("\nConditions:\n", f"{type_row}\nConditions:\n")
    assert type_row in template
    changed, lists = re.subn(r"^ *- &job-types \[.*\]\n", types, template, flags=re.MULTILINE)
    assert lists == 1
    return changed


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The copy, with what the pages say, deployed by its own `jobmill_local`."""
    state = own_folder() / "own-pages"
    server.stop(state)
    sources = copied(state / "sources")
    for page in (TASK_PAGE, TYPE_PAGE):
        (module,) = blocks(page, "python")
        assert not (sources / module_of(page)).exists()
        (sources / module_of(page)).write_text(module)
    template = sources / "template.yaml"
    template.write_text(with_both_pages(template.read_text()))
    environment = isolated_environment() | {"UV": uv(), "PYTHONPATH": str(sources / "local")}
    command = [sys.executable, "-m", "jobmill_local", "up", "--state", str(state), "--port", "0"]
    try:
        ran = subprocess.run(command, cwd=sources, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        deployed = read_stack(state)
        assert deployed is not None
        yield deployed
    finally:
        server.stop(state)


@pytest.fixture(scope="module")
def client(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The user demo's client, with the dataset of the pages imported."""
    client = stack.client("demo")
    path = tmp_path_factory.mktemp("own") / "airports.csv"
    path.write_text(AIRPORTS)
    client.import_file(path, dataset="airports", project_id="demo", timeout=PATIENCE_SECONDS)
    return client


def test_the_task_of_the_page_runs_and_has_data(stack: Stack, client: Client) -> None:
    with stack.client("admin") as admin:
        run = admin.wait(admin.run_task("nightly_totals").job_id, timeout=PATIENCE_SECONDS)
    assert (run.status, run.result["records"]) == ("Completed", 2)
    assert client.task_data("nightly_totals") == [{"country": "AT", "airports": 1}, {"country": "DE", "airports": 2}]
    task = client.task("nightly_totals")
    assert (task.status, task.is_late, task.fresh_for_seconds) == ("completed", False, 26 * 3600)


def test_the_schedule_of_the_page_is_there(stack: Stack) -> None:
    found = stack.aws("scheduler").get_schedule(GroupName="jobmill", Name="nightly_totals")
    (row,) = blocks(TASK_PAGE, "yaml")
    # Not its time zone: the local CloudFormation makes all of them UTC.
    assert f"ScheduleExpression: {found['ScheduleExpression']}\n" in row
    assert found["Target"]["Arn"].endswith(stack.outputs["TaskStarterFunctionName"])


def test_the_job_type_of_the_page_is_taken_and_done(client: Client) -> None:
    job = client.wait(client.submit("Profile", {"dataset": "airports"}, project_id="demo").id, timeout=PATIENCE_SECONDS)
    assert job.result == {
        "version": 1,
        "rows": 3,
        "columns": [
            {"name": "icao", "empty": 0, "least": "EDDF", "greatest": "LOWW"},
            {"name": "country", "empty": 0, "least": "AT", "greatest": "DE"},
            {"name": "elevation", "empty": 1, "least": "364", "greatest": "600"},
        ],
    }
