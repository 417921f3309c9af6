"""The datasets of a project, and their versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Self

from jobmill_client.answers import read
from jobmill_client.api import PAGE_LIMIT, Api, path_part
from jobmill_client.models import JsonObject, required_time


@dataclass(frozen=True, kw_only=True)
class DatasetVersion:
    """A version of a dataset: its rows, and who made it when, by which job."""

    version: int
    rows: int
    created_at: datetime
    created_by_name: str
    job_id: str

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(**cls._fields(raw))

    @classmethod
    def _fields(cls, raw: JsonObject) -> dict[str, Any]:
        return {
            "version": int(raw["version"]),
            "rows": int(raw["rows"]),
            "created_at": required_time(raw, "createdAt"),
            "created_by_name": raw["createdByName"],
            "job_id": raw["jobId"],
        }


@dataclass(frozen=True, kw_only=True)
class Dataset(DatasetVersion):
    """A dataset by its newest version; `versions` are those that are kept, newest first, where one was asked for."""

    name: str
    versions: tuple[DatasetVersion, ...] = ()
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        versions = tuple(map(DatasetVersion.from_json, raw.get("versions") or ()))
        return cls(**cls._fields(raw), name=raw["name"], versions=versions, raw=raw)


class Datasets:
    """The client's calls about datasets."""

    _api: Api

    def datasets(self, project_id: str, *, limit: int | None = None) -> Iterator[Dataset]:
        """The project's datasets by name, page after page as they are asked for; `limit` is of all, not of a page."""
        page = PAGE_LIMIT if limit is None else max(1, min(limit, PAGE_LIMIT))
        pages = self._api.pages(_datasets(project_id), {"limit": str(page)})
        return (Dataset.from_json(row) for row in islice((row for rows in pages for row in rows), limit))

    def dataset(self, project_id: str, name: str) -> Dataset:
        """A dataset and the versions that are kept of it."""
        return read(self._api.call("GET", f"{_datasets(project_id)}/{path_part(name)}"), Dataset.from_json)


def _datasets(project_id: str) -> str:
    return f"/api/projects/{path_part(project_id)}/datasets"
