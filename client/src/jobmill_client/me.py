"""Who calls, and its projects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from jobmill_client.models import JsonObject


@dataclass(frozen=True, kw_only=True)
class Membership:
    """A project of the caller's; `role` is what it may do there: `reader` or `writer`."""

    id: str
    name: str
    role: str

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(id=raw["id"], name=raw["name"], role=raw["role"])


@dataclass(frozen=True, kw_only=True)
class Me:
    """Who calls. `projects` are by name; an admin's are all that there are, 1,000 at most."""

    id: str
    name: str
    is_admin: bool
    projects: tuple[Membership, ...]
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(
            id=raw["id"],
            name=raw["name"],
            is_admin=raw["isAdmin"],
            projects=tuple(map(Membership.from_json, raw["projects"])),
            raw=raw,
        )
