"""What callers send."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from jobmill.jobs.job import MAX_RUN_LIMIT
from jobmill.jobs.status import Status
from jobmill.processing.registry import Params
from jobmill.projects.project import DATASET_VERSIONS_KEPT

MAX_BODY_BYTES = 4_000_000
"""Lambda takes 6 MB with base64 counted, which is 4.5 MB of content."""
PAGE = 50
LARGEST_PAGE = 200
CONTENT_TYPE_PATTERN = r"^[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+(; ?[A-Za-z0-9-]+=[A-Za-z0-9_-]+)*$"
FILE_FIELD = "file"
"""Where a form has its file."""
Key = Annotated[str, StringConstraints(min_length=1, max_length=255)]
"""An Idempotency-Key."""
ProjectId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


def _each_once(ids: list[str]) -> list[str]:
    if len(set(ids)) < len(ids):
        raise PydanticCustomError("duplicates", "No id may stand there twice")
    return ids


JobIds = Annotated[
    list[Annotated[str, StringConstraints(max_length=64)]],
    Field(min_length=1, max_length=LARGEST_PAGE),
    AfterValidator(_each_once),
]


class JobOptions(Params):
    """How the job is to be worked on."""

    run_limit_seconds: Annotated[int, Field(ge=1, le=int(MAX_RUN_LIMIT.total_seconds()))] | None = Field(
        default=None, description="Working time after which a run is stopped; waiting does not count."
    )


class SubmitRequest(Params):
    """A job that the caller wants."""

    type: Annotated[str, StringConstraints(max_length=64)] = Field(examples=["Import"])
    project_id: ProjectId
    params: dict[str, Any] = Field(default_factory=dict, description="As the job's type asks for.")
    options: JobOptions = JobOptions()


class RetryRequest(Params):
    """A retry; with `params`, the next runs use these instead."""

    params: dict[str, Any] | None = None


class BulkFilter(Params):
    """Jobs of one project, of those that the operation can change."""

    project_id: ProjectId
    status: Annotated[Status | None, Field(strict=False)] = None
    type: str | None = None
    from_: Annotated[AwareDatetime | None, Field(strict=False)] = Field(
        default=None, alias="from", description="Created then or later (ISO 8601)"
    )
    until: Annotated[AwareDatetime | None, Field(strict=False)] = Field(
        default=None, description="Created before then (ISO 8601)"
    )


class BulkRequest(Params):
    """Jobs to change, in one of two ways: by their `ids`, or by a `filter`, page after page."""

    ids: JobIds | None = None
    filter: BulkFilter | None = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = Field(
        default=LARGEST_PAGE, description=f"Of a filter's jobs, at most {LARGEST_PAGE} at once"
    )
    cursor: str | None = Field(default=None, description="`next` of the answer before, with the same filter")


class RedriveRequest(Params):
    """Dead letters to retry: those of these jobs, or all."""

    ids: JobIds | None = None


class UploadRequest(Params):
    """A file that the caller is about to upload."""

    project_id: ProjectId
    filename: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    content_type: Annotated[
        str,
        StringConstraints(pattern=CONTENT_TYPE_PATTERN, max_length=100),
    ]
    size_bytes: Annotated[int, Field(ge=0)]


class AnalyzeRequest(Params):
    """What a form says beside its file. Without a project it is the only one that the caller may change."""

    filter_option: Literal["all", "recommended"] = Field(
        default="all", description="`recommended`: only rows with a recommendation"
    )
    project_id: ProjectId | None = None


def field_names(model: type[BaseModel]) -> tuple[str, ...]:
    """The names of a model's fields as callers write them."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


class ProjectSettings(Params):
    """A project's settings."""

    dataset_versions_kept: Annotated[int, Field(ge=1, le=100)] = DATASET_VERSIONS_KEPT


class ProjectRequest(Params):
    """A project's name and settings, whole."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    settings: ProjectSettings = ProjectSettings()


class DatasetQuery(BaseModel):
    """Which datasets to list."""

    model_config = ConfigDict(frozen=True)

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = Field(
        default=PAGE, description=f"Datasets on a page, at most {LARGEST_PAGE}"
    )
    after: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        default=None, description="Only datasets whose names come after this one"
    )


class LinkQuery(BaseModel):
    """Which links to list."""

    model_config = ConfigDict(frozen=True)

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = Field(
        default=PAGE, description=f"Links on a page, at most {LARGEST_PAGE}"
    )
    after: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        default=None, description="Only links that come after the one of this id"
    )


class SuspendRequest(Params):
    """Why a task is suspended, for those who wonder."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)] | None = None


class RunsQuery(BaseModel):
    """Which runs of a task to list."""

    model_config = ConfigDict(frozen=True)

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = Field(default=20, description="The newest, at most 200")


class ListQuery(BaseModel):
    """Which jobs to list."""

    model_config = ConfigDict(frozen=True)

    status: Status | None = Field(default=None, description=f"One of {', '.join(Status)}")
    type: str | None = Field(default=None, description="A job type, such as Import")
    from_: AwareDatetime | None = Field(default=None, alias="from", description="Created then or later (ISO 8601)")
    until: AwareDatetime | None = Field(default=None, description="Created before then (ISO 8601)")
    project_id: ProjectId | None = Field(default=None, alias="projectId", description="Only this project")
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = Field(
        default=PAGE, description=f"Jobs on a page, at most {LARGEST_PAGE}"
    )
    cursor: str | None = Field(default=None, description="From the Link header of the page before")
