"""The data of a task, at hand for whoever needs it: from this process's cache, the task's document, or its bucket."""

import json
from dataclasses import replace
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from jobmill.json_values import Json, dump_json
from jobmill.links.services import links
from jobmill.log import logger
from jobmill.tasks.cache import Cached
from jobmill.tasks.document import TaskDocument
from jobmill.tasks.names import SaveIn, TaskData, TaskName
from jobmill.tasks.rows import get_document
from jobmill.tasks.services import storage, task_cache
from jobmill.times import now_utc

INLINE_BYTES: Final = 100_000
"""Data of more bytes of JSON text goes to the bucket in any case: DynamoDB's rows end at 400 KB."""


def get_task_data(task_name: TaskName | str) -> TaskData:
    """The data of the task's last run that completed; `[]` if there is none, or none was saved.

    From this process's cache if that is the newest, at most five seconds after a newer one came; then from the
    document, then from the bucket. A run that failed since changes nothing. Do not change what you are given.
    Raises what S3 raises when it is away: that is not the same as no data.
    """
    name, now = str(task_name), now_utc()
    cached = task_cache().get(name)
    if cached is not None and cached.is_believed(now):
        return cached.data
    document = get_document(name)
    if cached is not None and cached.version == document.version:
        task_cache().put(name, replace(cached, known_at=now))
        return cached.data
    data, size_bytes = _read(document)
    if data is None:
        return []
    task_cache().put(name, Cached(document.version, data, size_bytes, now))
    return data


def get_task_data_from_storage(task_name: TaskName | str) -> TaskData | None:
    """The data that the task has in the bucket; none if there is none, or it cannot be read now, which is logged.

    Of the last run that completed, if that saved it there; by its key, never by the link in the document.
    """
    try:
        return stored_task_data(task_name)
    except (BotoCoreError, ClientError, ValueError):
        logger.exception("task data not read", task=task_name)
        return None


def stored_task_data(task_name: TaskName | str) -> TaskData | None:
    """Like `get_task_data_from_storage`, for who would change what is there: raises what S3 raises, ValueError."""
    return _of_storage(str(task_name), get_document(str(task_name)).storage_version)[0]


def keep_task_data_in_storage(task_name: TaskName | str, data: TaskData) -> str:
    """Put data of a task into the bucket as `tasks_data/{task_name}.json`; gives a link to it, good for seven days.

    (The template's LinkDays.) The task's document stays as it is. Raises ValueError unless it is a list or dict,
    DependencyError `links-unavailable`, and what S3 raises.
    """
    content = text_of(data).encode()
    return links().task_link(str(task_name), storage().put(str(task_name), content))


def text_of(data: Json) -> str:
    """The JSON text of data. Raises ValueError unless it is a list or dict, of JSON."""
    if not isinstance(data, list | dict):
        kind = type(data).__name__
        raise ValueError(f"The data of a task is a list or a dict, and this is {kind}.")  # noqa: TRY004 - the seed's
    try:
        return dump_json(data)
    except TypeError as error:
        raise ValueError(f"The data of a task is JSON, and this is not: {error}.") from error


def _read(document: TaskDocument) -> tuple[TaskData | None, int]:
    """The data that a document tells of, and its bytes."""
    if document.saved_in is SaveIn.STORAGE:
        return _of_storage(document.name, document.storage_version)
    if document.saved_in is SaveIn.DB and document.data is not None:
        return json.loads(document.data), len(document.data)
    return None, 0


def _of_storage(name: str, version: str | None) -> tuple[TaskData | None, int]:
    content = storage().get(name, version)
    return (None, 0) if content is None else (json.loads(content), len(content))
