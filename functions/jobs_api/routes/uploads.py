"""Uploads: a form with which the caller sends a file straight to S3."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from jobmill import aws
from jobmill.jobs.services import lifecycle
from jobmill.projects.uploads import NewUpload, Upload, create_upload
from jobmill.settings import settings
from jobmill.times import now_utc
from jobs_api.requests import UploadRequest
from jobs_api.responses import documented, json_response
from jobs_api.routes.access import current_caller
from jobs_api.views import UploadView

router = Router()


@router.post(
    "/api/uploads",
    summary="Announce an upload",
    tags=["Uploads"],
    responses=documented(HTTPStatus.CREATED, "Where to send the file", UploadView),
)
def create(announced: Annotated[UploadRequest, Body()]) -> Response[str]:
    """Give a form for the file. The upload then serves any number of jobs of its project until `expiresAt`."""
    caller = current_caller(router.current_event)
    caller.require_writer(announced.project_id)
    here, now = settings(), now_utc()
    upload = create_upload(
        NewUpload(
            project_id=announced.project_id,
            filename=announced.filename,
            content_type=announced.content_type,
            size_bytes=announced.size_bytes,
            created_by=caller.id,
        ),
        upload_id=lifecycle().new_id(now),
        now=now,
        lifetime=here.upload_retention,
        max_bytes=here.upload_max_bytes,
    )
    form = presigned_form(upload)
    view = UploadView(upload_id=upload.id, url=form["url"], fields=form["fields"], expires_at=now + here.upload_form)
    return json_response(view, HTTPStatus.CREATED)


def presigned_form(upload: Upload) -> dict[str, Any]:
    """The form that S3 takes: this key, this type, and at most the announced size."""
    here = settings()
    return aws.s3_for_callers().generate_presigned_post(
        here.uploads_bucket,
        upload.key,
        Fields={"Content-Type": upload.content_type},
        Conditions=[
            {"Content-Type": upload.content_type},
            ["content-length-range", 0, upload.size_bytes],
        ],
        ExpiresIn=int(here.upload_form.total_seconds()),
    )
