"""Cancel and retry as callers may do them: one job, or many of which none disturbs another."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from jobmill import aws
from jobmill.callers import Caller
from jobmill.errors import Conflict, DependencyError
from jobmill.jobs.changing import no_such_job
from jobmill.jobs.job import Job
from jobmill.jobs.lifecycle import is_poisoned
from jobmill.jobs.services import lifecycle
from jobmill.projects.counters import require_room
from jobmill.projects.dead_letters import forget
from jobmill.settings import settings
from jobmill.tasks.names import TASK
from jobmill.tasks.starting import note_retry, require_may_retry
from jobs_api.problems import problem_of
from jobs_api.routes.access import changeable_job
from jobs_api.submissions import parse_params
from jobs_api.views import OutcomeView

THREADS = 10
"""As many as an AWS client keeps connections. Each job takes three calls, one after the other."""
BULK_SECONDS = 12
"""After which no further job is begun: one that has begun may take as long once more, and HTTP APIs give 30 s."""


def cancel_job(caller: Caller, job_id: str) -> Job:
    """Cancel the job. Raises NotFound, Forbidden, and as `Lifecycle.cancel`."""
    return lifecycle().cancel(changeable_job(caller, job_id), by=caller.name)


def retry_job(caller: Caller, job_id: str, edited: dict[str, Any] | None = None) -> Job:
    """Queue the job's next run, with its parameters or with edited ones.

    Raises NotFound, Forbidden, TooMany, as `parse_params` and the type's check, and as `Lifecycle.retry`; for a run
    of a task, Conflict `task-suspended` and `task-running` too.
    """
    return _retry(caller, changeable_job(caller, job_id), edited)


def redrive_job(caller: Caller, project_id: str, job_id: str) -> Job:
    """Retry a job of the project that has failed as poison. Raises as `retry_job`, and Conflict `not-poisoned`."""
    job = changeable_job(caller, job_id)
    if job.project_id != project_id:
        raise no_such_job()
    if not is_poisoned(job):
        raise Conflict("not-poisoned", "The job is not among the dead letters.")
    return _retry(caller, job)


def change_each(
    ids: Iterable[str], change: Callable[[str], Job], done: Literal["cancelled", "queued"]
) -> list[OutcomeView]:
    """Change each job, several at a time; gives their outcomes in the order of the ids.

    Where AWS is slow, those whose turn does not come in time are refused as `not-tried`: the caller is to learn of
    every job, and an HTTP API ends a request after 30 s.
    """
    until = time.monotonic() + BULK_SECONDS
    # Threads may share AWS's clients, but not make them.
    aws.sqs()
    aws.step_functions()

    def outcome(job_id: str) -> OutcomeView:
        if time.monotonic() > until:
            return refused(
                job_id, DependencyError("not-tried", "There was no time left for this job. Ask again for it.")
            )
        try:
            return OutcomeView(id=job_id, outcome=done, status=change(job_id).status)
        except Exception as error:  # one record of a batch
            return refused(job_id, error)

    def refused(job_id: str, error: Exception) -> OutcomeView:
        refusal = problem_of(error)
        return OutcomeView(id=job_id, outcome="refused", error=refusal.detail, error_code=refusal.code)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(outcome, ids))


def _retry(caller: Caller, job: Job, edited: dict[str, Any] | None = None) -> Job:
    require_room(job.project_id, settings().max_waiting_jobs)
    params = job.params
    if edited is not None:
        wanted = parse_params(job.type, edited)
        wanted.check(job.project_id)
        params = wanted.to_json()
    if job.type == TASK:
        require_may_retry(job)
    queued = lifecycle().retry(job, params, by=caller.name)
    if job.type == TASK:
        note_retry(queued)
    if is_poisoned(job):
        forget(job)
    return queued
