"""From a form with a file to an Analysis of it: project chosen, file kept as an upload, job submitted."""

import hashlib
import re
from datetime import datetime

from pydantic import ValidationError

from jobmill import aws
from jobmill.callers import Caller
from jobmill.errors import CallerError, Forbidden
from jobmill.jobs.idempotency import IdempotencyKey
from jobmill.jobs.job import Job
from jobmill.jobs.services import lifecycle
from jobmill.json_values import dump_json
from jobmill.projects.counters import require_room
from jobmill.projects.uploads import NewUpload, create_upload
from jobmill.settings import settings
from jobmill.times import now_utc
from jobs_api.analysis_views import TAKES_FORMS
from jobs_api.forms import Form, FormFile
from jobs_api.problems import InvalidRequest, field_problems
from jobs_api.requests import CONTENT_TYPE_PATTERN, AnalyzeRequest, SubmitRequest
from jobs_api.submissions import submission_of

ANALYSIS = "Analysis"
ROUTE = f"POST {TAKES_FORMS}"


def submit_analysis(form: Form, caller: Caller, key: str | None) -> Job:
    """Keep the form's file as an upload, and submit an Analysis of it. With `key`, a repeat gives the same job.

    Raises InvalidRequest for the form's texts, as `project_of` and `submission_of`, as `require_room` and
    `Lifecycle.submit`.
    """
    try:
        request = AnalyzeRequest.model_validate(form.texts)
    except ValidationError as error:
        raise InvalidRequest(field_problems(error.errors())) from error
    project_id = project_of(caller, request.project_id)
    now = now_utc()
    upload_id = lifecycle().new_id(now)
    params = {"uploadId": upload_id, "filterOption": request.filter_option}
    submit = SubmitRequest.model_validate({"type": ANALYSIS, "projectId": project_id, "params": params})
    new, wanted = submission_of(submit, caller)

    def prepare() -> None:
        """What only a new job needs: a repeat keeps no second file."""
        require_room(project_id, settings().max_waiting_jobs)
        keep_upload(form.file, project_id, caller, upload_id, now)
        wanted.check(project_id)

    return lifecycle().submit(new, _key_of_caller(key, form.file, request, project_id, caller), check=prepare)


def project_of(caller: Caller, project_id: str | None) -> str:
    """The project that the caller names, which may not be its own, or the only one that it may change.

    Raises Forbidden `read-only` if there is none, and CallerError `project-required` if there are several.
    """
    if project_id is not None:
        return project_id
    writable = sorted(filter(caller.may_write, caller.roles))
    if len(writable) == 1:
        return writable[0]
    if writable or caller.is_admin:
        choice = f", one of: {', '.join(writable)}" if writable else ""
        raise CallerError("project-required", f"Name the project in the field projectId{choice}.", field="projectId")
    raise Forbidden("read-only", "There is no project that you may change, and an analysis belongs to one.")


def keep_upload(file: FormFile, project_id: str, caller: Caller, upload_id: str, now: datetime) -> None:
    """Put the file where its job looks for it, as if the caller had uploaded it."""
    here = settings()
    is_plain = re.fullmatch(CONTENT_TYPE_PATTERN, file.content_type) and len(file.content_type) <= 100
    upload = create_upload(
        NewUpload(
            project_id=project_id,
            filename=file.filename,
            content_type=file.content_type if is_plain else "application/octet-stream",
            size_bytes=len(file.content),
            created_by=caller.id,
        ),
        upload_id=upload_id,
        now=now,
        lifetime=here.upload_retention,
        max_bytes=here.upload_max_bytes,
    )
    aws.s3().put_object(Bucket=here.uploads_bucket, Key=upload.key, Body=file.content, ContentType=upload.content_type)


def _key_of_caller(
    key: str | None, file: FormFile, request: AnalyzeRequest, project_id: str, caller: Caller
) -> IdempotencyKey | None:
    """The caller's key with what the form says: its bytes differ at each repeat, by the boundary."""
    if key is None:
        return None
    content = hashlib.sha256(file.content).hexdigest()
    said = dump_json([project_id, request.filter_option, file.filename, content])
    return IdempotencyKey(caller.id, ROUTE, key, hashlib.sha256(said.encode()).hexdigest())
