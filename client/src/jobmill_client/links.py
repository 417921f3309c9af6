"""Links: addresses that give a report to anyone, without a sign-in, until they end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from jobmill_client.answers import read
from jobmill_client.api import PAGE_LIMIT, Api, path_part
from jobmill_client.models import Job, JsonObject, optional_time, required_time


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link to the report `report` of a job, which holds until `expires_at` unless it is revoked or its file goes.

    `url` is there only in the answer to its making. It is a secret: whoever has it has the file.
    """

    id: str
    report: str
    created_at: datetime
    created_by_name: str
    expires_at: datetime
    downloads: int
    last_download_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by_name: str | None = None
    url: str | None = field(default=None, repr=False)
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(
            id=raw["id"],
            report=raw["report"],
            created_at=required_time(raw, "createdAt"),
            created_by_name=raw["createdByName"],
            expires_at=required_time(raw, "expiresAt"),
            downloads=int(raw["downloads"]),
            last_download_at=optional_time(raw, "lastDownloadAt"),
            revoked_at=optional_time(raw, "revokedAt"),
            revoked_by_name=raw.get("revokedByName"),
            url=raw.get("url"),
            raw=raw,
        )


class Links:
    """The client's calls about links."""

    _api: Api

    def create_link(self, job_id: str, name: str | None = None) -> Link:
        """Make a link to the job's report `name` (None: its only one); gives it with its `url`, which is told once.

        Not repeated by itself: each call makes another link. Raises ReportUnknown.
        """
        if name is None:
            name = read(self._api.call("GET", f"/api/jobs/{path_part(job_id)}"), Job.from_json).report().name
        path = f"/api/jobs/{path_part(job_id)}/reports/{path_part(name)}/links"
        return read(self._api.call("POST", path, repeatable=False), Link.from_json)

    def links(self, job_id: str) -> Iterator[Link]:
        """The job's links that have not expired, revoked ones too, newest first; page after page as asked for."""
        pages = self._api.pages(f"/api/jobs/{path_part(job_id)}/links", {"limit": str(PAGE_LIMIT)})
        return (Link.from_json(row) for rows in pages for row in rows)

    def revoke_link(self, job_id: str, link_id: str) -> Link:
        """End a link for good; a revoked one stays as it was. Raises ApiProblem 404 `link-not-found`."""
        path = f"/api/jobs/{path_part(job_id)}/links/{path_part(link_id)}"
        return read(self._api.call("DELETE", path), Link.from_json)
