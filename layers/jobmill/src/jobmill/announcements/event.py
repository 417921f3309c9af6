"""A job's announcement: a CloudEvent (CNCF, version 1.0.2, JSON format), and its JSON Schema."""

import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict
from pydantic.json_schema import SkipJsonSchema

from jobmill.jobs.status import Status
from jobmill.json_values import dump_json
from jobmill.times import iso

MAX_REPORTS = 100
"""Reports that an event lists, if their names are not long."""
SCHEMA_PATH = "/api/events.schema.json"
"""Where the API has the schema of events."""

Moment = Annotated[
    datetime, PlainSerializer(iso, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]


def _left_out() -> Any:
    """The default of a field that is left out where it has no value: never null."""
    return Field(default=None, json_schema_extra=_without_default)


def _without_default(schema: JsonDict) -> None:
    del schema["default"]


class JobEventType(StrEnum):
    """What is announced of a job."""

    CREATED = "job.created"
    STARTED = "job.started"
    """Once for each run: the first time that a worker takes it."""
    COMPLETED = "job.completed"
    FAILED = "job.failed"
    CANCELLED = "job.cancelled"


class _Part(BaseModel):
    """camelCase in JSON."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, use_attribute_docstrings=True
    )


class ReportData(_Part):
    """A file that the job made for a person."""

    name: str
    content_type: str
    size_bytes: int


class JobData(_Part):
    """The job as the change left it. Never its params, data or result: those are large, or its project's alone."""

    job_id: str
    project_id: str
    type: str
    """The job type, as `Import`."""
    status: Status
    run: int
    """From 1; a retry, or a recovery of a lost worker, makes the next."""
    created_by: str
    created_by_name: str
    created_at: Moment
    started_at: Moment | SkipJsonSchema[None] = _left_out()
    """When the first worker took it since it was submitted or retried."""
    completed_at: Moment | SkipJsonSchema[None] = _left_out()
    error_code: str | SkipJsonSchema[None] = _left_out()
    error: str | SkipJsonSchema[None] = _left_out()
    """A sentence for the job's user."""
    reports: list[ReportData] = Field(max_length=MAX_REPORTS)
    """The first of them, 100 at most."""
    report_count: int
    """How many there are."""


class JobEvent(BaseModel):
    """What happened to a job. It is told at least once, and in no promised order."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    specversion: Literal["1.0"]
    id: str
    """The same at each repeat of the event."""
    source: str
    """The project, as the API has it."""
    type: JobEventType
    subject: str
    """The job's id."""
    time: Moment
    datacontenttype: Literal["application/json"]
    dataschema: str
    data: JobData

    def to_json(self) -> str:
        """The event as it stands on the bus, in ASCII; what has no value is left out, and never null."""
        return dump_json(self.model_dump(mode="json", by_alias=True, exclude_none=True))


def events_schema() -> str:
    """The JSON Schema (2020-12) of an event as JSON text; that of `data` is its definition `JobData`."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= JobEvent.model_json_schema(mode="serialization")
    return json.dumps(schema, indent=2, sort_keys=True)
