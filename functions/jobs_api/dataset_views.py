"""What callers get of datasets."""

from collections.abc import Iterable
from typing import Any, Self

from jobmill.projects.datasets import DatasetVersion
from jobs_api.views import Moment, View


class VersionView(View):
    """A version of a dataset: who made it when, by which job, and how many rows it has."""

    version: int
    rows: int
    created_at: Moment
    created_by_name: str
    job_id: str

    @classmethod
    def of(cls, version: DatasetVersion) -> Self:
        """The view of a version."""
        return cls(**_facts(version))


class DatasetView(VersionView):
    """A dataset: its name, and its newest version."""

    name: str

    @classmethod
    def of(cls, version: DatasetVersion) -> Self:
        """The view of a dataset, by its newest version."""
        return cls(name=version.name, **_facts(version))


class WholeDatasetView(DatasetView):
    """A dataset, whole: `versions` are those that are kept, the newest first. Each can be exported."""

    versions: list[VersionView]

    @classmethod
    def whole(cls, newest: DatasetVersion, kept: Iterable[DatasetVersion]) -> Self:
        """The view of a dataset and its kept versions."""
        return cls(name=newest.name, **_facts(newest), versions=[VersionView.of(version) for version in kept])


def _facts(version: DatasetVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in VersionView.model_fields}
