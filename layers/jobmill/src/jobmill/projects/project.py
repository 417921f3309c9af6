"""A project: the tenant. It exists as soon as a member of it acts; its name and settings may come later."""

from collections.abc import Iterable
from dataclasses import dataclass

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from jobmill.projects.register import register
from jobmill.records import TableMeta, hash_key, sort_key

DATASET_VERSIONS_KEPT = 10


@dataclass(frozen=True)
class Project:
    """A project's name, and how many versions of each dataset it keeps (the newest ones)."""

    id: str
    name: str
    dataset_versions_kept: int = DATASET_VERSIONS_KEPT


class ProjectRow(Model):
    """The project's row."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key("project")
    name = UnicodeAttribute()
    dataset_versions_kept = NumberAttribute()


def project_key(project_id: str) -> str:
    """The partition of a project's own rows."""
    return f"project#{project_id}"


def put_project(project: Project) -> None:
    """Write the project's name and settings, and have it in the register; safe to repeat, the last one wins."""
    register([project.id])
    row = ProjectRow(project_key(project.id), name=project.name, dataset_versions_kept=project.dataset_versions_kept)
    row.save()


def get_project(project_id: str) -> Project:
    """The project; one that nobody has named bears its id as its name and the default settings."""
    return get_projects([project_id])[project_id]


def get_projects(project_ids: Iterable[str]) -> dict[str, Project]:
    """Several projects by id, unnamed ones included."""
    projects = {project_id: Project(project_id, project_id) for project_id in project_ids}
    keys = [(project_key(project_id), "project") for project_id in projects]
    for row in ProjectRow.batch_get(keys) if keys else ():
        project_id = row.pk.removeprefix(project_key(""))
        projects[project_id] = Project(project_id, row.name, int(row.dataset_versions_kept))
    return projects
