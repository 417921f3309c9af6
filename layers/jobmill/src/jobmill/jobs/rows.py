"""The job's row in the table: its keys, its indexes and its fields."""

from enum import StrEnum

from pynamodb.attributes import (
    BooleanAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from jobmill.jobs.status import Status
from jobmill.records import ExpiryAttribute, JsonTextAttribute, MomentAttribute, TableMeta, hash_key, sort_key

SORT_KEY = "job"
COUNTED = "counted"
"""The sort key of the mark that a job is counted by (`projects.counters`)."""
GONE = "gone"
"""The sort key of a deleted job's tombstone, and the status in its mark."""
HISTORY = "events#"
"""What the sort keys of a job's older events begin with."""
LOOK_SHARDS = 4


def job_key(job_id: str) -> str:
    """The partition of everything that belongs to one job."""
    return f"job#{job_id}"


def scope(project_id: str, job_type: str) -> str:
    """The partition of `by_status`: the jobs of one type in one project."""
    return f"{project_id}#{job_type}"


def status_id(status: Status, job_id: str) -> str:
    """The sort key of `by_status`: within a status by id, which is by time."""
    return f"{status}#{job_id}"


class Looked(StrEnum):
    """Which jobs a partition of `by_look` holds: those that wait may be many, and must not hide a lost worker."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    """By a worker, or released and not told to the machine yet: what is to be done is seen from the row."""
    ENDED = "ended"
    """Until they are removed."""


def look_shards(which: Looked) -> list[str]:
    """All partitions of `by_look` with such jobs."""
    return [f"{which}#{number}" for number in range(LOOK_SHARDS)]


def look_shard(which: Looked, job_id: str) -> str:
    """The partition of `by_look` that such a job is looked for in."""
    return look_shards(which)[int(job_id[-1], 16) % LOOK_SHARDS]


class EventMap(MapAttribute[str, object]):
    """An `Event` as it lies in a row."""

    kind = UnicodeAttribute()
    at = MomentAttribute()
    run = NumberAttribute()
    attempt = NumberAttribute(null=True)
    started_at = MomentAttribute(null=True)
    by = UnicodeAttribute(null=True)
    error = JsonTextAttribute(null=True)


class FormerParamsMap(MapAttribute[str, object]):
    """A `FormerParams` as it lies in the row."""

    run = NumberAttribute()
    params = UnicodeAttribute(null=True)


class ReportMap(MapAttribute[str, object]):
    """A `Report` as it lies in the row."""

    name = UnicodeAttribute()
    key = UnicodeAttribute()
    content_type = UnicodeAttribute()
    size_bytes = NumberAttribute()
    sha256 = UnicodeAttribute()


class ByProject(GlobalSecondaryIndex["JobRow"]):
    """All jobs of a project, by time."""

    class Meta:
        index_name = "by_project"
        projection = KeysOnlyProjection()

    project_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ByStatus(GlobalSecondaryIndex["JobRow"]):
    """The jobs of one type and status in a project, by time."""

    class Meta:
        index_name = "by_status"
        projection = KeysOnlyProjection()

    scope = UnicodeAttribute(hash_key=True)
    status_id = UnicodeAttribute(range_key=True)


class ByLook(GlobalSecondaryIndex["JobRow"]):
    """The jobs that are under way, by when the reconciler looks at them; the ended ones, by when they are removed."""

    class Meta:
        index_name = "by_look"
        projection = KeysOnlyProjection()

    look_shard = UnicodeAttribute(hash_key=True)
    look_at = MomentAttribute(range_key=True)


class JobRow(Model):
    """The job's row. Only `jobmill.jobs.store` writes it."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key(SORT_KEY)
    by_project = ByProject()
    by_status = ByStatus()
    by_look = ByLook()

    id = UnicodeAttribute()
    type = UnicodeAttribute()
    project_id = UnicodeAttribute()
    scope = UnicodeAttribute()
    status = UnicodeAttribute()
    status_id = UnicodeAttribute()
    created_by = UnicodeAttribute()
    created_by_name = UnicodeAttribute()
    created_at = MomentAttribute()
    updated_at = MomentAttribute()
    started_at = MomentAttribute(null=True)
    completed_at = MomentAttribute(null=True)
    expires_at = ExpiryAttribute(null=True)
    progress = NumberAttribute(null=True)
    progress_message = UnicodeAttribute(null=True)
    failed_at_progress = NumberAttribute(null=True)

    run = NumberAttribute()
    pass_ = NumberAttribute(attr_name="pass")
    attempt = NumberAttribute()
    version = NumberAttribute()
    owner = UnicodeAttribute(null=True)
    lease_until = MomentAttribute(null=True)
    deadline = MomentAttribute(null=True)
    claimed_at = MomentAttribute(null=True)
    told = BooleanAttribute()
    recoveries = NumberAttribute()
    look_at = MomentAttribute(null=True)
    look_shard = UnicodeAttribute(null=True)
    run_limit_ms = NumberAttribute()
    time_left_ms = NumberAttribute()

    params = JsonTextAttribute(null=True)
    data = UnicodeAttribute(null=True)
    internal_data = UnicodeAttribute(null=True)
    checkpoint = UnicodeAttribute(null=True)
    result = UnicodeAttribute(null=True)
    error = JsonTextAttribute(null=True)
    reports = ListAttribute(of=ReportMap)
    events = ListAttribute(of=EventMap)
    archived = NumberAttribute()
    former_params = ListAttribute(of=FormerParamsMap)
    has_documents = BooleanAttribute(null=True)
    """Whether free JSON of the job ever went to S3."""


class MarkRow(Model):
    """What of a job is in its project's counts."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key(COUNTED)
    version = NumberAttribute()
    status = UnicodeAttribute()
    """Where it is counted; `GONE` for a deleted job, so that late records of it count nothing."""
    expires_at = ExpiryAttribute(null=True)


class TombstoneRow(Model):
    """That there was this job, written with its deletion: its project is told so, and its id is not given again."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key(GONE)
    project_id = UnicodeAttribute()
    expires_at = ExpiryAttribute()


class HistoryRow(Model):
    """Older events of a job, which its row has no room for. Its sort key ends with the number of those before it."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key()
    events = ListAttribute(of=EventMap)


def history_key(archived: int) -> str:
    """The sort key of the events that come after the first `archived` ones."""
    return f"{HISTORY}{archived:08d}"
