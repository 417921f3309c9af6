"""The steps of a scenario, as a test run's parameters have them."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from jobmill.errors import CallerError
from jobmill.hosts import Target, parse_url
from jobmill.json_values import Json
from jobmill.processing.registry import Params
from jobmill.processors.exports import MAX_FILTERS, MAX_VERSION, ColumnName, Condition
from jobmill.processors.imports import DatasetName
from jobmill.processors.validations import ValidationParams
from jobmill.scenarios.answers import is_pointer
from jobmill.tables.filters import Comparison

MAX_STEPS = 100
MAX_NAME_CHARACTERS = 100
MAX_HEADERS = 50
MAX_EXPECTATIONS = 50
_HEADER_NAME = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$"
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")
# Those that say where a request goes, or where it ends.
_OWN_HEADERS = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer", "keep-alive")
)
_MAX_HEADER_CHARACTERS = 4_000
_NAME = "What the step is called in the report"

StepName = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME_CHARACTERS)]
HeaderName = Annotated[str, StringConstraints(pattern=_HEADER_NAME)]
HeaderValue = Annotated[str, StringConstraints(max_length=_MAX_HEADER_CHARACTERS)]


class ValueCheck(Params):
    """What a measured value must be: dates and times as ISO text."""

    op: Annotated[Comparison, Field(description="How the value is compared")]
    value: Annotated[str | int | float | bool, Field(description="What it is compared with")]


class DatasetStep(Params):
    """One figure of a dataset's rows under `where` must be as expected. `column`: of all measures but count."""

    type: Literal["dataset"]
    name: Annotated[StepName | None, Field(description=_NAME)] = None
    dataset: Annotated[DatasetName, Field(description="The dataset that is measured")]
    version: Annotated[
        Annotated[int, Field(ge=1, le=MAX_VERSION)] | None,
        Field(description="Which version of it; without one, the newest"),
    ] = None
    measure: Annotated[
        Literal["count", "min", "max", "sum", "distinct"],
        Field(description="count: how many rows. distinct: how many different values. The others speak for themselves"),
    ]
    column: Annotated[ColumnName | None, Field(description="Of which column; none for count")] = None
    where: Annotated[
        list[Condition],
        Field(max_length=MAX_FILTERS, default_factory=list, description="Only rows for which all of these hold"),
    ]
    expect: Annotated[ValueCheck, Field(description="What the figure must be")]

    @property
    def title(self) -> str:
        """The step's name, or what it does."""
        return self.name or f"{self.measure} of {self.dataset}{f'.{self.column}' if self.column else ''}"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.measure == "count") != (self.column is None):
            raise ValueError("Every measure but count has a column, and count has none")
        return self


class ValidationStep(ValidationParams):
    """A dataset must be valid by a schema, by checks, or by both, as a Validation judges it."""

    type: Literal["validation"]
    name: Annotated[StepName | None, Field(description=_NAME)] = None

    @property
    def title(self) -> str:
        """The step's name, or what it does."""
        return self.name or f"validation of {self.dataset}"


class HttpRequest(Params):
    """A request to a host that the template's parameter HttpTestHosts lists. `body` is sent as JSON."""

    method: Annotated[Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], Field(description="The method")]
    url: Annotated[str, Field(description="The address, of a host that test runs may ask")]
    headers: Annotated[
        dict[HeaderName, HeaderValue],
        Field(max_length=MAX_HEADERS, default_factory=dict, description="Headers to send along"),
    ]
    body: Annotated[Json, Field(description="What is sent as JSON")] = None

    @property
    def target(self) -> Target:
        """The URL's parts."""
        return parse_url(self.url)

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        try:
            parse_url(url)
        except CallerError as error:
            raise ValueError(error.message.removesuffix(".")) from error
        return url

    @field_validator("headers")
    @classmethod
    def _check_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if name.lower() in _OWN_HEADERS or name.lower().startswith("proxy-"):
                raise ValueError(f"The header {name} is not the caller's to set")
            if not _HEADER_VALUE.fullmatch(value):
                raise ValueError(f"The header {name} may hold printable ASCII characters only")
        return headers


class JsonCheck(Params):
    """What the value at a JSON pointer (RFC 6901) must be; an order is between two numbers or two texts."""

    pointer: Annotated[
        str, StringConstraints(max_length=500), Field(description="Where the value stands, such as /items/0/name")
    ]
    op: Annotated[Comparison, Field(description="How the value is compared")]
    value: Annotated[Json, Field(description="What it is compared with")]

    @field_validator("pointer")
    @classmethod
    def _check(cls, pointer: str) -> str:
        if not is_pointer(pointer):
            raise ValueError("A JSON pointer is empty or begins with a slash, and has ~0 for ~ and ~1 for /")
        return pointer


class AnswerCheck(Params):
    """What the answer must have: all that is given, at least one. A header's value is the whole value."""

    status: Annotated[
        Annotated[int, Field(ge=100, le=599)] | None, Field(description="The answer's status, such as 200")
    ] = None
    header: Annotated[
        dict[HeaderName, HeaderValue],
        Field(max_length=MAX_EXPECTATIONS, default_factory=dict, description="Headers with their whole values"),
    ]
    values: Annotated[
        list[JsonCheck],
        Field(
            alias="json", max_length=MAX_EXPECTATIONS, default_factory=list, description="Values in the answer's JSON"
        ),
    ]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.status is None and not self.header and not self.values:
            raise ValueError("Expect a status, headers or JSON values")
        return self


class HttpStep(Params):
    """A request must be answered as expected. Redirects are not followed."""

    type: Literal["http"]
    name: Annotated[StepName | None, Field(description=_NAME)] = None
    request: Annotated[HttpRequest, Field(description="What is asked")]
    expect: Annotated[AnswerCheck, Field(description="What the answer must have")]

    @property
    def title(self) -> str:
        """The step's name, or what it does; a query and headers may hold keys, which nobody is shown."""
        return self.name or f"{self.request.method} {self.request.target.place}"


type Step = Annotated[DatasetStep | ValidationStep | HttpStep, Field(discriminator="type")]


class Scenario(Params):
    """Steps in their order. `stop` skips the rest after the first that failed."""

    name: Annotated[StepName, Field(description="What the scenario is called in its report")]
    on_failure: Annotated[
        Literal["continue", "stop"], Field(description="What becomes of the other steps when one fails")
    ] = "continue"
    steps: Annotated[list[Step], Field(min_length=1, max_length=MAX_STEPS, description="The steps, in their order")]


class ScenarioParams(Params):
    """The scenario to run."""

    scenario: Annotated[Scenario, Field(description="The steps, and what is expected of them")]
