"""The register of projects: a row for each that was seen, so that an admin's list needs no scan.

A project is seen when a job of it changes or goes, when it gets a name, and when a member of it asks who it is.
"""

from collections.abc import Iterable
from functools import cache

from pynamodb.models import Model

from jobmill.records import TableMeta, hash_key, sort_key

REGISTER = "projects"


class RegisterRow(Model):
    """That there is a project, whose id is the sort key."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key()


def register(project_ids: Iterable[str]) -> None:
    """Have these projects in the register. Safe to repeat; one that this process has put is not put again."""
    for project_id in sorted(set(project_ids) - known_here()):
        RegisterRow(REGISTER, project_id).save()
        known_here().add(project_id)


def registered(limit: int) -> list[str]:
    """The ids of at most `limit` projects, in their order: one query."""
    return [row.sk for row in RegisterRow.query(REGISTER, limit=limit, consistent_read=True)]


@cache
def known_here() -> set[str]:
    """The projects that this process has put."""
    return set()
