"""What callers get of job types: enough to choose one, and to make a form of its parameters."""

from typing import Any, Self

from pydantic import Field
from pydantic.json_schema import GenerateJsonSchema

from jobmill.processing.registry import JobType
from jobs_api.views import View


class JobTypeView(View):
    """A job type that can be submitted. `schema` is the JSON Schema (2020-12) of `params`."""

    type: str
    description: str
    schema_: dict[str, Any] = Field(alias="schema")

    @classmethod
    def of(cls, job_type: JobType[Any]) -> Self:
        """The view of a job type."""
        schema = {"$schema": GenerateJsonSchema.schema_dialect} | job_type.params.model_json_schema()
        return cls(type=job_type.name, description=job_type.description, schema_=schema)
