"""What the tasks of this process work with, made from its settings at its first use."""

from functools import cache

from jobmill import aws
from jobmill.settings import settings
from jobmill.tasks.cache import TaskCache
from jobmill.tasks.storage import TaskStorage


@cache
def storage() -> TaskStorage:
    """The tasks' bucket of the settings."""
    return TaskStorage(aws.s3, aws.s3_for_callers, settings().tasks_bucket)


@cache
def task_cache() -> TaskCache:
    """This process's own."""
    return TaskCache()
