"""Whom the collectors ask, as the secret of the peers says it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from jobmill.errors import CallerError
from jobmill.hosts import parse_url
from jobmill.names import PROJECT_ID, SYSTEM_PROJECT
from jobmill.ocpi.fields import refused

DEFAULT_PAGE_LIMIT: Final = 100
MAX_PAGE_LIMIT: Final = 1_000
MAX_PEERS: Final = 100
_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_PARTY: Final = r"^[A-Za-z]{2}\*[A-Za-z0-9]{3}$"


@dataclass(frozen=True, slots=True)
class Peer:
    """A party that serves OCPI 2.2.1, with at least one of the two URLs.

    `to_party` and `from_party` are like `NL*ABC`, for the routing headers, which a hub wants. `since` is where the
    first collection begins; without it, at the peer's own beginning.
    """

    name: str
    locations_url: str | None
    cdrs_url: str | None
    token: str = field(repr=False)
    encodes_token: bool = True
    """Whether the token goes in base64, as OCPI 2.2.1 has it; many peers of older versions take it as it is."""
    to_party: str | None = None
    from_party: str | None = None
    page_limit: int = DEFAULT_PAGE_LIMIT
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Devices:
    """The endpoint of devices' health."""

    url: str
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Peers:
    """All whom the collectors ask; what they give belongs to `project`."""

    project: str
    peers: tuple[Peer, ...]
    devices: Devices | None


def read_peers(config: object) -> Peers:
    """The peers of a parsed JSON configuration, with times in UTC where it gives no zone.

    Raises CallerError `bad-peers`, which names the first wrong field, and never a value: it may be a token.
    """
    try:
        given = _Config.model_validate(config)
    except ValidationError as error:
        raise _bad(error) from error
    devices = None if given.devices is None else Devices(given.devices.url, given.devices.token)
    return Peers(given.project, tuple(each.peer() for each in given.peers), devices)


def _is_url(text: str) -> str:
    try:
        parse_url(text)
    except CallerError as error:
        raise refused(error.message) from error
    return text


type _Url = Annotated[str, AfterValidator(_is_url)]
# It stands in a header; a blank would be read as the end of it.
type _Token = Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=r"^[\x21-\x7e]+$")]
type _Party = Annotated[str, StringConstraints(pattern=_PARTY)]


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", alias_generator=to_camel, hide_input_in_errors=True)


class _Peer(_Model):
    name: Annotated[str, StringConstraints(pattern=_NAME)]
    locations_url: _Url | None = None
    cdrs_url: _Url | None = None
    token: _Token
    encode_token: bool = True
    to: _Party | None = None
    from_: Annotated[_Party | None, Field(alias="from")] = None
    page_limit: Annotated[int, Field(ge=1, le=MAX_PAGE_LIMIT)] = DEFAULT_PAGE_LIMIT
    since: datetime | None = None

    @field_validator("since", mode="before")
    @classmethod
    def _since(cls, value: object) -> object:
        return _read_since(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.locations_url is None and self.cdrs_url is None:
            raise refused("Give locationsUrl, cdrsUrl or both.")
        return self

    def peer(self) -> Peer:
        return Peer(
            self.name, self.locations_url, self.cdrs_url, self.token, self.encode_token, self.to, self.from_,
            self.page_limit, self.since,
        )  # fmt: skip


class _Devices(_Model):
    url: _Url
    token: _Token | None = None


def _not_ours(project: str) -> str:
    if project == SYSTEM_PROJECT:
        raise refused("The project system is Jobmill's own.")
    return project


class _Config(_Model):
    project: Annotated[str, StringConstraints(pattern=f"^{PROJECT_ID.pattern}$"), AfterValidator(_not_ours)]
    peers: Annotated[list[_Peer], Field(max_length=MAX_PEERS)] = []
    devices: _Devices | None = None

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        # In any case: names become names of datasets and files.
        if len({peer.name.lower() for peer in self.peers}) < len(self.peers):
            raise refused("Two peers have the same name.")
        return self


def _read_since(text: str) -> datetime:
    try:
        given = datetime.combine(date.fromisoformat(text), time()) if len(text) == 10 else datetime.fromisoformat(text)
        aware = given if given.tzinfo else given.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise refused("Give a date or time like 2026-01-31 or 2026-01-31T12:00:00Z.") from error


_SENTENCES: Final = {
    "missing": "It is missing.",
    "extra_forbidden": "There is no such field.",
    "string_pattern_mismatch": "It does not look as it must.",
}


def _bad(error: ValidationError) -> CallerError:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"])) or "the whole"
    sentence = _SENTENCES.get(first["type"]) or first["msg"]
    return CallerError(
        "bad-peers",
        f"The configuration of the peers is wrong at {place}: {sentence.removesuffix('.')}.",
        field=place,
    )
