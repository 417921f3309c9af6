"""Scheduled tasks: look, run now, suspend, resume."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Query

from jobmill.errors import NotFound
from jobmill.names import nearest
from jobmill.scheduled import scheduled_tasks
from jobmill.settings import settings
from jobmill.tasks.looking import look_at, look_at_runs
from jobmill.tasks.names import SaveIn, TaskSpec
from jobmill.tasks.rows import get_document
from jobmill.tasks.services import storage
from jobmill.tasks.starting import Asker, resume, start_now, suspend
from jobs_api.requests import Key, RunsQuery, SuspendRequest
from jobs_api.responses import documented, job_url, json_response, retry_after
from jobs_api.routes.access import current_caller
from jobs_api.task_views import NewRunView, TaskRunView, TaskView

router = Router()


@router.get(
    "/api/tasks",
    summary="All scheduled tasks",
    tags=["Tasks"],
    responses=documented(HTTPStatus.OK, "By name", list[TaskView]),
)
def list_all() -> Response[str]:
    """List the tasks with their last runs, what is late, and where their data is. For everyone signed in."""
    current_caller(router.current_event)
    specs = [task.spec for task in scheduled_tasks().values()]
    return json_response([TaskView.of(task) for task in look_at(specs)])


@router.get(
    "/api/tasks/<name>",
    summary="A scheduled task",
    tags=["Tasks"],
    responses=documented(HTTPStatus.OK, "The task as it is now", TaskView),
)
def show(name: str) -> Response[str]:
    """Show a task. For everyone signed in."""
    current_caller(router.current_event)
    return _answer(_spec(name))


@router.get(
    "/api/tasks/<name>/data",
    summary="A task's data",
    tags=["Tasks"],
    responses=documented(HTTPStatus.OK, "The data of the last run that completed, or a redirect to it; [] if none"),
)
def data(name: str) -> Response[str]:
    """Give the data that the task came to last, whatever became of it since. For everyone signed in."""
    current_caller(router.current_event)
    document = get_document(_spec(name).name)
    headers: dict[str, str | list[str]] = {"Cache-Control": "private, no-cache"}
    if document.saved_in is SaveIn.STORAGE and document.storage_version is not None:
        url = storage().url(document.name, document.storage_version, settings().report_link)
        headers |= {"Location": url, "Cache-Control": "no-store"}
        return Response(status_code=HTTPStatus.FOUND.value, content_type="text/plain", headers=headers, body="")
    body = (document.data or "[]") if document.saved_in is SaveIn.DB else "[]"
    return Response(status_code=HTTPStatus.OK.value, content_type="application/json", headers=headers, body=body)


@router.get(
    "/api/tasks/<name>/runs",
    summary="A task's runs",
    tags=["Tasks"],
    responses=documented(HTTPStatus.OK, "Newest first", list[TaskRunView]),
)
def runs(name: str, which: Annotated[RunsQuery, Query()]) -> Response[str]:
    """List the task's newest runs. For everyone signed in; their jobs, in project `system`, are for admins."""
    current_caller(router.current_event)
    return json_response([TaskRunView.of(run) for run in look_at_runs(_spec(name).name, which.limit)])


@router.post(
    "/api/tasks/<name>/run",
    summary="Run a task now",
    tags=["Tasks"],
    responses=documented(HTTPStatus.ACCEPTED, "A run was asked for, as a job", NewRunView),
)
def run(
    name: str,
    key: Annotated[Key | None, Header(alias="Idempotency-Key", description="Repeats are one run, for a day")] = None,
) -> Response[str]:
    """Begin a run, unless one is under way or the task is suspended (409). For admins."""
    caller = current_caller(router.current_event)
    caller.require_role_of_admin()
    spec = _spec(name)
    job = start_now(spec, Asker(caller.id, caller.name, key))
    headers = retry_after() | {"Location": job_url(job.id)}
    view = NewRunView(task=spec.name, job_id=job.id, status=job.status)
    return json_response(view, HTTPStatus.ACCEPTED, headers=headers)


@router.post(
    "/api/tasks/<name>/suspend",
    summary="Suspend a task",
    tags=["Tasks"],
    responses=documented(HTTPStatus.OK, "No run of it begins from now on", TaskView),
)
def suspend_task(name: str, wanted: Annotated[SuspendRequest | None, Body()] = None) -> Response[str]:
    """Let no run begin until the task is resumed; one that is under way goes on. For admins."""
    caller = current_caller(router.current_event)
    caller.require_role_of_admin()
    spec = _spec(name)
    suspend(spec.name, by=caller.name, why=wanted.reason if wanted else None)
    return _answer(spec)


@router.post(
    "/api/tasks/<name>/resume",
    summary="Resume a task",
    tags=["Tasks"],
    responses=documented(HTTPStatus.OK, "Runs begin again, with the next slot", TaskView),
)
def resume_task(name: str) -> Response[str]:
    """Let runs begin again. A task that only lacks configuration cannot be resumed so (409). For admins."""
    caller = current_caller(router.current_event)
    caller.require_role_of_admin()
    spec = _spec(name)
    resume(spec)
    return _answer(spec)


def _spec(name: str) -> TaskSpec:
    """What is promised of the task. Raises NotFound `task-not-found`, with the names that may be meant."""
    task = scheduled_tasks().get(name)
    if task is None:
        meant = " or ".join(nearest(name, list(scheduled_tasks())))
        raise NotFound("task-not-found", f"There is no task of this name.{f' Is it {meant}?' if meant else ''}")
    return task.spec


def _answer(spec: TaskSpec) -> Response[str]:
    return json_response(TaskView.of(look_at([spec])[0]))
