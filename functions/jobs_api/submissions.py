"""From a submit request to a submission: the type known, its parameters checked, its project writable."""

import hashlib
from datetime import timedelta

from pydantic import ValidationError

from jobmill.errors import CallerError, TooLarge
from jobmill.jobs.idempotency import IdempotencyKey
from jobmill.jobs.lifecycle import Submission
from jobmill.json_values import Json, dump_json
from jobmill.processors import job_types
from jobmill.settings import settings
from jobmill.times import now_utc
from jobs_api.callers import Caller
from jobs_api.problems import InvalidRequest, field_problems
from jobs_api.requests import SubmitRequest

MAX_PARAMS_BYTES = 64 * 1024
"""Parameters lie in the job's row, which ends at 400 KB; files travel as uploads."""


def submission_of(request: SubmitRequest, caller: Caller) -> Submission:
    """The submission of a request.

    Raises NotFound or Forbidden for the project, CallerError `unknown-type`, and for parameters
    InvalidRequest, TooLarge `params-too-large`, or what the type's own check raises.
    """
    caller.require_writer(request.project_id)
    seconds = request.options.run_limit_seconds
    return Submission(
        type=request.type,
        project_id=request.project_id,
        params=checked_params(request.type, request.params, request.project_id),
        run_limit=settings().run_limit if seconds is None else timedelta(seconds=seconds),
        created_by=caller.id,
        created_by_name=caller.name,
    )


def checked_params(type_name: str, params: Json, project_id: str) -> Json:
    """The parameters of a job of this type, with their defaults. Raises as `submission_of`."""
    job_type = job_types().get(type_name)
    if job_type is None:
        known = ", ".join(sorted(job_types()))
        raise CallerError("unknown-type", f"There is no job type {type_name!r}. There are: {known}.", field="type")
    if len(dump_json(params)) > MAX_PARAMS_BYTES:
        raise TooLarge(
            "params-too-large",
            f"The parameters are larger than {MAX_PARAMS_BYTES // 1024} KB; send large content as an upload.",
            field="params",
        )
    try:
        checked = job_type.params.model_validate(params)
    except ValidationError as error:
        raise InvalidRequest(field_problems(error.errors(), prefix=("params",))) from error
    if job_type.check is not None:
        job_type.check(checked, project_id, now_utc())
    content: Json = checked.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return content


def idempotency_key(key: str | None, request: SubmitRequest, caller: Caller) -> IdempotencyKey | None:
    """The caller's idempotency key, with the body that it goes with; none without one."""
    if key is None:
        return None
    body = dump_json(request.model_dump(mode="json", by_alias=True))
    return IdempotencyKey(caller.id, "POST /api/jobs", key, hashlib.sha256(body.encode()).hexdigest())
