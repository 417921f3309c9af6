"""Who calls: read from the token's claims, which the gateway's authorizer has checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from jobmill.errors import CallerError, Forbidden, NotFound
from jobmill.names import PROJECT_ID, SYSTEM_PROJECT

ADMIN = "admin"


class Role(StrEnum):
    """What a member may do: a reader reads; a writer also submits, cancels, retries and uploads."""

    READER = "reader"
    WRITER = "writer"


class NotSignedIn(CallerError):
    """No claims came with the request."""


@dataclass(frozen=True)
class Caller:
    """A signed-in person or program, and its role in each of its projects."""

    id: str
    name: str
    roles: Mapping[str, Role]
    is_admin: bool = False

    def may_read(self, project_id: str) -> bool:
        """Whether the caller sees the project at all."""
        return self.is_admin or project_id in self.roles

    def may_write(self, project_id: str) -> bool:
        """Whether the caller may change things in the project; in that of the tasks' runs only an admin may."""
        return self.is_admin or (project_id != SYSTEM_PROJECT and self.roles.get(project_id) is Role.WRITER)

    def require_reader(self, project_id: str) -> None:
        """Raise NotFound for a project that the caller does not see, as for one that is not there."""
        if not (PROJECT_ID.fullmatch(project_id) and self.may_read(project_id)):
            raise NotFound("project-not-found", "There is no such project.", field="projectId")

    def require_writer(self, project_id: str) -> None:
        """Raise NotFound like `require_reader`, and Forbidden for a reader."""
        self.require_reader(project_id)
        if not self.may_write(project_id):
            raise Forbidden("read-only", f"You may read the project {project_id}, but not change it.")

    def require_admin(self, project_id: str) -> None:
        """Raise NotFound like `require_reader`, and Forbidden for everyone but an admin."""
        self.require_reader(project_id)
        self.require_role_of_admin()

    def require_role_of_admin(self) -> None:
        """Raise Forbidden for everyone but an admin."""
        if not self.is_admin:
            raise Forbidden("admin-only", "Only an admin may do this.")


def caller_of(claims: Mapping[str, Any] | None, membership_claim: str) -> Caller:
    """The caller of checked claims. Raises NotSignedIn without them."""
    if not claims or not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise NotSignedIn("not-signed-in", "Send a valid token: Authorization: Bearer <ID token>.")
    subject = str(claims["sub"])
    name = next((str(claims[key]) for key in ("name", "email", "cognito:username") if claims.get(key)), subject)
    groups = parse_groups(claims.get(membership_claim))
    return Caller(subject, name, parse_roles(groups), is_admin=ADMIN in groups)


def signed_in_until(claims: Mapping[str, Any]) -> datetime:
    """When the token of these claims ends. Raises NotSignedIn for one that never does."""
    try:
        return datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise NotSignedIn("not-signed-in", "The token has no time at which it ends.") from error


def parse_groups(claim: object) -> tuple[str, ...]:
    """The groups of a membership claim.

    HTTP APIs hand an array over as the text `[demo:writer admin]`; other issuers send a list, or a text
    with blanks between.
    """
    if isinstance(claim, str):
        return tuple(claim.removeprefix("[").removesuffix("]").split())
    if isinstance(claim, list):
        return tuple(map(str, claim))
    return ()


def parse_roles(groups: tuple[str, ...]) -> dict[str, Role]:
    """The role in each project named by groups `{project}:writer` and `{project}:reader`; others mean nothing."""
    roles: dict[str, Role] = {}
    for group in groups:
        project_id, _, role = group.rpartition(":")
        if PROJECT_ID.fullmatch(project_id) and role in set(Role) and roles.get(project_id) is not Role.WRITER:
            roles[project_id] = Role(role)
    return roles
