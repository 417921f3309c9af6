"""Tasks in the table: a document each, in a partition with a row for each of its runs."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from jobmill.records import ExpiryAttribute, MomentAttribute, TableMeta, hash_key, is_refused, sort_key
from jobmill.tasks.document import TaskDocument
from jobmill.tasks.names import SaveIn, TaskStatus

DOCUMENT = "task"
RUN = "run#"
"""What the sort keys of runs begin with; the ids of their jobs go by time."""


def task_key(name: str) -> str:
    """The partition of a task."""
    return f"task#{name}"


class TaskRow(Model):
    """A task's document."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key(DOCUMENT)
    source = UnicodeAttribute(null=True)
    status = UnicodeAttribute(null=True)
    started = MomentAttribute(null=True)
    completed = MomentAttribute(null=True)
    timestamp = MomentAttribute(null=True)
    error = UnicodeAttribute(null=True)
    duration_ms = NumberAttribute(null=True)
    job_id = UnicodeAttribute(null=True)
    attempt = NumberAttribute(null=True)
    next_job_id = UnicodeAttribute(null=True)
    asked_at = MomentAttribute(null=True)
    version = NumberAttribute(default=0)
    data = UnicodeAttribute(null=True)
    data_at = MomentAttribute(null=True)
    saved_in = UnicodeAttribute(null=True)
    storage_version = UnicodeAttribute(null=True)
    records = NumberAttribute(null=True)
    size_bytes = NumberAttribute(null=True)
    schedule = UnicodeAttribute(null=True)
    time_zone = UnicodeAttribute(null=True)
    is_enabled = BooleanAttribute(null=True)
    watched_since = MomentAttribute(null=True)
    fired_at = MomentAttribute(null=True)
    skipped = NumberAttribute(default=0)
    skipped_at = MomentAttribute(null=True)
    skipped_for = UnicodeAttribute(null=True)
    suspended_at = MomentAttribute(null=True)
    suspended_by = UnicodeAttribute(null=True)
    suspended_why = UnicodeAttribute(null=True)
    not_ready = UnicodeAttribute(null=True)


class RunRow(Model):
    """That a run of a task was asked for: its job tells the rest."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key()
    source = UnicodeAttribute()
    slot = MomentAttribute(null=True)
    expires_at = ExpiryAttribute()


@dataclass(frozen=True)
class TaskRun:
    """A run of a task: its job, who asked for it, and of a schedule's run, for which slot."""

    job_id: str
    source: str
    slot: datetime | None


class DocumentRefused(Exception):
    """The document is not in the condition that a change asks for; nothing was written."""


def get_document(name: str) -> TaskDocument:
    """The task's document as it is now; an empty one of a task of which nothing is known."""
    try:
        return _document(TaskRow.get(task_key(name), DOCUMENT, consistent_read=True))
    except TaskRow.DoesNotExist:
        return TaskDocument(name=name)


def get_documents(names: list[str]) -> dict[str, TaskDocument]:
    """Several documents, by name."""
    documents = {name: TaskDocument(name=name) for name in names}
    keys = [(task_key(name), DOCUMENT) for name in names]
    for row in TaskRow.batch_get(keys, consistent_read=True) if keys else ():
        document = _document(row)
        documents[document.name] = document
    return documents


def change_document(name: str, changes: dict[str, Any], *, only_if: Condition | None = None) -> TaskDocument:
    """Set these fields of the document (none: remove the field) and leave the rest. Raises DocumentRefused."""
    actions = [_action(field, value) for field, value in changes.items()]
    row = TaskRow(task_key(name))
    try:
        row.update(actions, condition=only_if)
    except PynamoDBException as error:
        if is_refused(error):
            raise DocumentRefused from error
        raise
    return _document(row)


def held_by(job_id: str | None, attempt: int | None = None) -> Condition:
    """The condition that this job has the document (none: no job), and, if given, in this attempt."""
    if job_id is None:
        return TaskRow.job_id.does_not_exist()
    holds = TaskRow.job_id == job_id
    return holds if attempt is None else holds & (TaskRow.attempt == attempt)


def is_not(field: str, value: Any) -> Condition:
    """The condition that the field has not this value, or none."""
    attribute: Any = getattr(TaskRow, field)
    condition: Condition = attribute.does_not_exist() | (attribute != value)
    return condition


def put_run(name: str, run: TaskRun, expires_at: datetime) -> None:
    """Note a run. Safe to repeat."""
    RunRow(task_key(name), RUN + run.job_id, source=run.source, slot=run.slot, expires_at=expires_at).save()


def get_runs(name: str, limit: int) -> Iterator[TaskRun]:
    """The newest `limit` runs of a task, the newest first; those whose jobs are gone may be among them."""
    rows = RunRow.query(task_key(name), RunRow.sk.startswith(RUN), scan_index_forward=False, limit=limit)
    return (TaskRun(row.sk.removeprefix(RUN), row.source, row.slot) for row in rows)


def _action(field: str, value: Any) -> Any:
    attribute: Any = getattr(TaskRow, field)
    return attribute.remove() if value is None else attribute.set(value)


def _document(row: TaskRow) -> TaskDocument:
    given = {field.name: getattr(row, field.name) for field in fields(TaskDocument) if field.name != "name"}
    return TaskDocument(
        **given
        | {
            "name": row.pk.removeprefix(task_key("")),
            "status": row.status and TaskStatus(row.status),
            "saved_in": row.saved_in and SaveIn(row.saved_in),
        }
        | {name: value if value is None else int(value) for name, value in given.items() if name in _NUMBERS},
    )


_NUMBERS = tuple(name for name, each in TaskRow.get_attributes().items() if isinstance(each, NumberAttribute))
