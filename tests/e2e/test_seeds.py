"""The code of docs/seeds.md, run from top to bottom as a program of its own on the whole stack."""

import io
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest
import requests

from jobmill import aws
from jobmill.jobs import services as job_services
from jobmill.jobs.job import Job
from jobmill.jobs.operations import get_job
from jobmill.jobs.status import Status
from jobmill.links import services as link_services
from jobmill.reports import services as report_services
from jobmill.settings import settings
from jobmill.tasks import services as task_services
from jobmill.tasks.document import NO_DATA
from jobmill.tasks.names import TaskStatus
from jobmill.tasks.rows import get_document
from jobmill_client import ApiProblem, Client
from jobmill_local.stack import Stack
from tests.peers import Peer, Wire, answer, peer
from tests.unit.fetching.conftest import authority, internet, names, watched  # noqa: F401
from tests.unit.fetching.hostile_urls import PUBLIC
from tests.unit.pictures import jpeg

PAGE = Path(__file__).parents[2] / "docs" / "seeds.md"
JOB_UTILITIES, JOB_MODEL, JOB_MANAGER, TASKS = [
    block.split("```")[0] for block in PAGE.read_text().split("```python\n")[1:]
]
PATIENCE_SECONDS = 60
type Run = Callable[..., SimpleNamespace]


@pytest.fixture
def program(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs code in the environment of the stack's functions, in a folder of its own; gives its variables."""
    function = stack.aws("lambda").get_function_configuration(FunctionName=stack.outputs["JobsApiFunctionName"])
    owner = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": stack.region}
    for name, value in (function["Environment"]["Variables"] | owner).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.endpoint_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", stack.region)
    monkeypatch.chdir(tmp_path)
    cached = [
        settings, aws.s3, aws.s3_for_callers, aws.sqs, aws.secrets, link_services.links, report_services.report_files,
        job_services.store, job_services.lifecycle, job_services.starts, job_services.executions,
        task_services.storage, task_services.task_cache,
    ]  # fmt: skip
    for each in cached:
        each.cache_clear()

    def run(code: str, **known: Any) -> SimpleNamespace:
        exec(compile(code, PAGE.name, "exec"), known)
        return SimpleNamespace(**known)

    yield run
    for each in cached:
        each.cache_clear()


def shown(client: Client, job: Job) -> str:
    """The status of a job in the API, or the code of its problem."""
    try:
        return client.job(job.id).status
    except ApiProblem as problem:
        return problem.code


@pytest.fixture
def picture(
    stack: Stack,
    watched: Wire,  # noqa: F811
    internet: dict[tuple[str, int], Peer],  # noqa: F811
    names: dict[str, list[list[str]]],  # noqa: F811
    authority: Callable[[str], ssl.SSLContext],  # noqa: F811
) -> Iterator[bytes]:
    """https://example.com/image.jpg, as the program meets it."""
    watched.ports.add(int(stack.endpoint_url.rsplit(":", 1)[1]))
    names["example.com"] = [[PUBLIC]]
    with peer(answer(200, jpeg(), Content_Type="image/jpeg"), tls=authority("example.com")) as one:
        internet[PUBLIC, 443] = one
        yield jpeg()


@pytest.mark.requirement("U10")
@pytest.mark.requirement("U5")
@pytest.mark.requirement("U9")
def test_the_job_utilities_in_their_order(program: Run, picture: bytes, stack: Stack, tmp_path: Path) -> None:
    found = program(JOB_UTILITIES)
    job = get_job(found.job.id)
    assert (job.status, job.progress, job.failed_at_progress) == (Status.FAILED, 0, 96)
    assert (tmp_path / "local.jpg").read_bytes() == picture
    got = requests.get(found.url, timeout=20)
    assert (got.status_code, got.headers["content-type"]) == (200, job.reports[0].content_type)
    assert 'filename="report.xlsx"' in got.headers["content-disposition"]
    with ZipFile(io.BytesIO(got.content)) as package:
        assert picture in [package.read(name) for name in package.namelist() if "media" in name]
    client = stack.client("demo")
    view = client.job(job.id)
    assert (view.status, view.error, view.progress) == ("Failed", "Upload failed", 0)
    assert client.download(job.id, "report.xlsx", tmp_path / "again.xlsx").read_bytes() == got.content


@pytest.mark.requirement("M10")
@pytest.mark.requirement("M8")
def test_the_job_model_in_its_order(program: Run, stack: Stack) -> None:
    before_the_end, end = JOB_MODEL.split("# Deleting a job\n")
    found = program(before_the_end)
    job = get_job(found.job.id)
    assert (job.status, job.progress, job.data) == (Status.FAILED, 50, {"step": "processing"})
    assert job.internal_data == {"user": 123}
    client = stack.client("demo")
    view = client.job(job.id)
    assert (view.type, view.error, view.data) == ("Custom", "Failed at step 2", {"step": "processing"})
    assert "123" not in str(view.raw.get("internalData"))
    program(end, **vars(found))
    until = time.monotonic() + PATIENCE_SECONDS
    while shown(client, job) != "job-gone":
        assert time.monotonic() < until, "the project was not told that the job is gone"
        time.sleep(0.2)
    assert shown(stack.client("other"), job) == "job-not-found"


@pytest.mark.requirement("A9")
@pytest.mark.requirement("A11")
def test_the_job_manager_in_its_order(program: Run, stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    found = program(JOB_MANAGER)
    assert "Running" in capsys.readouterr().out.splitlines()
    client = stack.client("demo")
    views = {job.id: client.job(job.id) for job in (found.job, found.other)}
    assert views[found.job.id].result == {"downloadUrl": "/download/result.xlsx", "summary": {}}
    assert views[found.other.id].error == "Error message"
    assert {found.job.id, found.other.id} <= {job.id for job in found.all_jobs}
    found.cleanup(timedelta(0))
    assert {shown(client, job) for job in (found.job, found.other)} <= {"job-gone", "job-not-found"}


@pytest.mark.requirement("T3")
@pytest.mark.requirement("T5")
@pytest.mark.requirement("T6")
@pytest.mark.requirement("T9")
@pytest.mark.requirement("T10")
@pytest.mark.requirement("T11")
def test_the_tasks_in_their_order(program: Run) -> None:
    found = program(TASKS)
    assert found.expensive == [{"id": "2", "price": 5}]
    assert found.orders == [{"id": number} for number in range(10_000)]
    documents = {name: get_document(name) for name in ("collect_prices", "collect_orders", "send_greetings")}
    assert {document.status for document in documents.values()} == {TaskStatus.COMPLETED}
    assert documents["send_greetings"].data == NO_DATA
    for url, content in ((found.url, [{"id": "1", "price": 4}]), (documents["collect_orders"].data, found.orders)):
        got = requests.get(url, timeout=20)
        assert (got.status_code, got.json()) == (200, content)
        assert got.headers["content-type"] == "application/json"
