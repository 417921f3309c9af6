"""From a submit request to a submission: the type known, its parameters checked, its project writable."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from jobmill.callers import Caller
from jobmill.errors import CallerError, Forbidden, TooLarge
from jobmill.jobs.idempotency import IdempotencyKey
from jobmill.jobs.lifecycle import Submission
from jobmill.json_values import Json, dump_json
from jobmill.names import SYSTEM_PROJECT
from jobmill.processing.registry import JobType, Params
from jobmill.processors import job_types
from jobmill.settings import settings
from jobmill.times import now_utc
from jobs_api.problems import MAX_FIELD_PROBLEMS, InvalidRequest, field_problems
from jobs_api.requests import SubmitRequest

MAX_PARAMS_BYTES = 64 * 1024
"""Parameters lie in the job's row, which ends at 400 KB; files travel as uploads."""


@dataclass(frozen=True)
class Wanted:
    """Parameters that have the shape that their type asks for."""

    job_type: JobType[Any]
    params: Params

    def check(self, project_id: str) -> None:
        """Raise what the type's own check raises, if the parameters name what the project does not have."""
        if self.job_type.check is not None:
            self.job_type.check(self.params, project_id, now_utc())

    def to_json(self) -> Json:
        """The parameters as they were given."""
        content: Json = self.params.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return content


def submission_of(request: SubmitRequest, caller: Caller) -> tuple[Submission, Wanted]:
    """The submission of a request, and what is to be checked if it is new.

    Raises NotFound or Forbidden for the project, and as `parse_params`.
    """
    caller.require_writer(request.project_id)
    if request.project_id == SYSTEM_PROJECT:
        raise Forbidden("system-project", "The project system is for the runs of tasks: POST /api/tasks/{name}/run.")
    wanted = parse_params(request.type, request.params)
    seconds = request.options.run_limit_seconds
    submission = Submission(
        type=request.type,
        project_id=request.project_id,
        params=wanted.to_json(),
        run_limit=settings().run_limit_of(request.type) if seconds is None else timedelta(seconds=seconds),
        created_by=caller.id,
        created_by_name=caller.name,
    )
    return submission, wanted


def parse_params(type_name: str, params: Json) -> Wanted:
    """The parameters of a job of this type.

    Raises CallerError `unknown-type`, InvalidRequest, TooLarge `params-too-large`.
    """
    job_type = job_types().get(type_name)
    if job_type is None or job_type.is_internal:
        known = ", ".join(sorted(name for name, each in job_types().items() if not each.is_internal))
        raise CallerError("unknown-type", f"There is no job type {type_name!r}. There are: {known}.", field="type")
    if len(dump_json(params)) > MAX_PARAMS_BYTES:
        raise TooLarge(
            "params-too-large",
            f"The parameters are larger than {MAX_PARAMS_BYTES // 1024} KB; send large content as an upload.",
            field="params",
        )
    try:
        return Wanted(job_type, job_type.params.model_validate(params))
    except ValidationError as error:
        problems = field_problems(error.errors()[:MAX_FIELD_PROBLEMS], prefix=("params",))
        raise InvalidRequest(problems) from error


def idempotency_key(key: str | None, request: SubmitRequest, caller: Caller) -> IdempotencyKey | None:
    """The caller's idempotency key, with the body that it goes with; none without one."""
    if key is None:
        return None
    body = dump_json(request.model_dump(mode="json", by_alias=True))
    return IdempotencyKey(caller.id, "POST /api/jobs", key, hashlib.sha256(body.encode()).hexdigest())
