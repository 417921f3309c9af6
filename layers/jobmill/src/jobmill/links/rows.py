"""Links in the table: a row for each, in its job's partition, so that they go with the job."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.models import Model

from jobmill.errors import NotFound
from jobmill.jobs.ids import is_job_id
from jobmill.jobs.rows import job_key
from jobmill.links.link import Link
from jobmill.links.subjects import ReportSubject
from jobmill.records import ExpiryAttribute, MomentAttribute, TableMeta, hash_key, is_refused, sort_key

PREFIX = "link#"
"""What the sort keys of links begin with; their ids go by time."""
_FIELDS = (
    *("key", "name", "content_type", "created_by", "created_by_name", "created_at", "expires_at"),
    *("last_download_at", "revoked_at", "revoked_by_name"),
)


class LinkRow(Model):
    """A link's row. DynamoDB removes it some time after `expires_at`; its ticket says by itself that it has expired."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key()
    run = NumberAttribute()
    attempt = NumberAttribute()
    key = UnicodeAttribute()
    name = UnicodeAttribute()
    content_type = UnicodeAttribute()
    created_by = UnicodeAttribute()
    created_by_name = UnicodeAttribute()
    created_at = MomentAttribute()
    expires_at = ExpiryAttribute()
    downloads = NumberAttribute(default=0)
    last_download_at = MomentAttribute(null=True)
    revoked_at = MomentAttribute(null=True)
    revoked_by_name = UnicodeAttribute(null=True)


def put_link(link: Link) -> None:
    """Write a new link's row."""
    subject = link.subject
    fields = {name: getattr(link, name) for name in _FIELDS}
    _row(subject.job_id, link.id, run=subject.run, attempt=subject.attempt, **fields).save()


def get_link(job_id: str, link_id: str) -> Link | None:
    """The link as it is now; none if it is not there."""
    if not (is_job_id(job_id) and is_job_id(link_id)):
        return None
    try:
        return _link(LinkRow.get(job_key(job_id), PREFIX + link_id, consistent_read=True))
    except LinkRow.DoesNotExist:
        return None


def job_links(job_id: str, now: datetime, after: str | None = None) -> Iterator[Link]:
    """The job's links that have not expired, revoked ones too, the newest first; those older than the link `after`."""
    bound = LinkRow.sk.startswith(PREFIX) if after is None else LinkRow.sk.between(PREFIX, PREFIX + after)
    rows = LinkRow.query(job_key(job_id), bound, scan_index_forward=False, consistent_read=True)
    links = (_link(row) for row in rows)
    return (link for link in links if link.expires_at > now and link.id != after)


def count_download(link: Link, now: datetime) -> bool:
    """Count a use of the link, in one write that is refused if it is revoked, expired or gone by now."""
    row = _row(link.subject.job_id, link.id)
    # A row that is gone has no end that is to come.
    condition = LinkRow.revoked_at.does_not_exist() & (LinkRow.expires_at > now)
    try:
        row.update([LinkRow.downloads.add(1), LinkRow.last_download_at.set(now)], condition=condition)
    except PynamoDBException as error:
        if is_refused(error):
            return False
        raise
    return True


def revoke(link: Link, now: datetime, by_name: str) -> Link:
    """End the link, for good when answered; the first revocation stays. Raises NotFound if it is gone."""
    row = _row(link.subject.job_id, link.id)
    actions: list[Any] = [
        LinkRow.revoked_at.set(LinkRow.revoked_at | now),
        LinkRow.revoked_by_name.set(LinkRow.revoked_by_name | by_name),
    ]
    try:
        row.update(actions, condition=LinkRow.pk.exists())
    except PynamoDBException as error:
        if is_refused(error):
            raise no_such_link() from error
        raise
    return _link(row)


def no_such_link() -> NotFound:
    """The error of a link that the job does not have."""
    return NotFound("link-not-found", "The job has no such link, or it has expired.")


def _row(job_id: str, link_id: str, **fields: Any) -> LinkRow:
    return LinkRow(job_key(job_id), PREFIX + link_id, **fields)


def _link(row: LinkRow) -> Link:
    return Link(
        id=row.sk.removeprefix(PREFIX),
        subject=ReportSubject(row.pk.removeprefix(job_key("")), int(row.run), int(row.attempt), row.name),
        downloads=int(row.downloads),
        **{name: getattr(row, name) for name in _FIELDS},
    )
