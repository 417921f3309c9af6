"""Datasets: a project's named, versioned tables, as rows that point to their files."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from jobmill.errors import DependencyError, Unprocessable
from jobmill.records import MomentAttribute, TableMeta, hash_key, sort_key


@dataclass(frozen=True)
class DatasetVersion:
    """One version of a dataset: immutable, made by exactly one job. Its manifest names its files.

    `generation` is the version that began its line, by replacing what was there: the versions that grew out of it have
    the same one. `created_by_name` is the person who submitted the job; empty for versions of before it was kept.
    """

    project_id: str
    name: str
    version: int
    manifest_key: str
    rows: int
    job_id: str
    created_at: datetime
    generation: int
    created_by_name: str


class VersionRow(Model):
    """A version, and, beside the project's other datasets, the newest one: the dataset's head."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key()
    version = NumberAttribute()
    manifest_key = UnicodeAttribute()
    rows = NumberAttribute()
    job_id = UnicodeAttribute()
    created_at = MomentAttribute()
    generation = NumberAttribute(null=True)
    created_by_name = UnicodeAttribute(null=True)


@dataclass(frozen=True)
class NewVersion:
    """The publication of a version: visible with the completion of its job, whole or not at all.

    Refused if the dataset's newest version is no longer the one before it.
    """

    dataset: DatasetVersion

    def add_to(self, transaction: TransactWrite) -> None:
        """Add the version's row, and the head that moves to it."""
        before = self.dataset.version - 1
        as_based = VersionRow.version == before if before else VersionRow.pk.does_not_exist()
        transaction.save(_row(self.dataset, _head_key(self.dataset)), condition=as_based)
        transaction.save(_row(self.dataset, _version_key(self.dataset)))


def newest_version(project_id: str, name: str) -> DatasetVersion | None:
    """The version that the dataset's head stands on; none before the first."""
    return _read((_heads(project_id), name), project_id, name)


def get_version(project_id: str, name: str, version: int | None) -> DatasetVersion:
    """The given version, or the newest. Raises Unprocessable `dataset-not-found`, `version-not-found`."""
    newest = newest_version(project_id, name)
    if newest is None:
        raise Unprocessable(
            "dataset-not-found",
            f"There is no dataset {name} in this project. Import a file into it first.",
            field="params.dataset",
        )
    if version is None or version == newest.version:
        return newest
    found = _read((_versions(project_id, name), _number(version)), project_id, name)
    if found is None:
        raise Unprocessable(
            "version-not-found",
            f"The dataset {name} has no version {version} (any more); its newest is {newest.version}.",
            field="params.version",
        )
    return found


def versions_before(newest: DatasetVersion, kept: int) -> list[tuple[DatasetVersion, DatasetVersion]]:
    """The versions that are older than the `kept` newest, the oldest first, each with the one after it."""
    first_kept = newest.version - kept + 1
    if first_kept <= 1:
        return []
    found = VersionRow.query(
        _versions(newest.project_id, newest.name),
        VersionRow.sk.between(_number(1), _number(first_kept)),
        consistent_read=True,
    )
    return list(pairwise(_version(row, newest.project_id, newest.name) for row in found))


def forget_version(dataset: DatasetVersion) -> None:
    """Delete the version's row; its files are then nobody's. Safe to repeat."""
    _row(dataset, _version_key(dataset)).delete()


def list_datasets(project_id: str, *, after: str | None, limit: int) -> list[DatasetVersion]:
    """The newest versions of at most `limit` of the project's datasets, by name, those after the name `after`."""
    span = None if after is None else VersionRow.sk > after
    found = VersionRow.query(_heads(project_id), span, limit=limit, consistent_read=True)
    return [_version(row, project_id, row.sk) for row in found]


def kept_versions(project_id: str, name: str, kept: int) -> list[DatasetVersion]:
    """The `kept` newest versions of a dataset, the newest first; older ones, if any, are about to be removed."""
    found = VersionRow.query(_versions(project_id, name), scan_index_forward=False, limit=kept, consistent_read=True)
    return [_version(row, project_id, name) for row in found]


def dataset_busy() -> DependencyError:
    """The error of a job whose dataset has moved under its work: another attempt begins from the new version."""
    return DependencyError("dataset-busy", "Other jobs publish the dataset at the same time. Retry it in a moment.")


type _Key = tuple[str, str]


def _heads(project_id: str) -> str:
    return f"datasets#{project_id}"


def _head_key(dataset: DatasetVersion) -> _Key:
    return _heads(dataset.project_id), dataset.name


def _versions(project_id: str, name: str) -> str:
    return f"dataset#{project_id}#{name}"


def _number(version: int) -> str:
    return f"version#{version:010d}"


def _version_key(dataset: DatasetVersion) -> _Key:
    return _versions(dataset.project_id, dataset.name), _number(dataset.version)


def _read(key: _Key, project_id: str, name: str) -> DatasetVersion | None:
    try:
        row = VersionRow.get(*key, consistent_read=True)
    except VersionRow.DoesNotExist:
        return None
    return _version(row, project_id, name)


def _version(row: VersionRow, project_id: str, name: str) -> DatasetVersion:
    return DatasetVersion(
        project_id=project_id,
        name=name,
        version=int(row.version),
        manifest_key=row.manifest_key,
        rows=int(row.rows),
        job_id=row.job_id,
        created_at=row.created_at,
        generation=int(row.generation or row.version),
        created_by_name=row.created_by_name or "",
    )


def _row(dataset: DatasetVersion, key: _Key) -> VersionRow:
    return VersionRow(
        *key,
        version=dataset.version,
        manifest_key=dataset.manifest_key,
        rows=dataset.rows,
        job_id=dataset.job_id,
        created_at=dataset.created_at,
        generation=dataset.generation,
        created_by_name=dataset.created_by_name,
    )
