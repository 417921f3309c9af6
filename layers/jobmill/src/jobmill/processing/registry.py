"""Job types: a name, a model of the parameters, and the function that does the work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from jobmill.json_values import Json
from jobmill.processing.context import Context

type Result = dict[str, Json]


class Params(BaseModel):
    """The base of all parameters: camelCase in JSON, unknown names refused, never changed."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True)
class JobType[P: Params]:
    """A job type. `check` may refuse parameters at submit, by what they name in a project."""

    name: str
    params: type[P]
    work: Callable[[Context[P]], Result]
    check: Callable[[P, str, datetime], None] | None = None
    is_internal: bool = False
    """Whether only the project's own code makes jobs of this type."""
    description: str = ""
    """What a job of this type does, in one sentence for who submits one; an internal type needs none."""


def job_type[P: Params](
    name: str,
    *,
    params: type[P],
    check: Callable[[P, str, datetime], None] | None = None,
    is_internal: bool = False,
    description: str = "",
) -> Callable[[Callable[[Context[P]], Result]], JobType[P]]:
    """Make the decorated function the work of the job type `name`.

    It takes a `Context` with its parameters and gives the job's result, a JSON object. What it raises of
    `jobmill.errors` fails the job with that code and sentence; anything else fails it as `internal-error`.
    `check(params, project_id, now)` runs at submit, where a wrong name is best told; it reads, at most.
    The `description` is shown where a person chooses a type, as are those of the parameters' fields.
    """

    def make(work: Callable[[Context[P]], Result]) -> JobType[P]:
        return JobType(name, params, work, check, is_internal, description)

    return make
