"""The completion of a job, with what it publishes: one write, so that both become visible or neither."""

from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from jobmill.jobs.job import Job
from jobmill.jobs.publication import PublicationRefused
from jobmill.jobs.store import JobStore
from jobmill.json_values import Json
from jobmill.log import logger
from jobmill.processing.context import Context, NewDataset
from jobmill.processing.files import FileStores
from jobmill.projects.datasets import (
    DatasetVersion,
    NewVersion,
    dataset_busy,
    forget_version,
    newest_version,
    versions_before,
)
from jobmill.projects.project import get_project

PUBLISH_RACES = 20
"""How often a new version is put on top of one that another job has just published."""


def complete(
    job: Job,
    result: dict[str, Json],
    context: Context[Any],
    store: JobStore,
    files: FileStores,
    now: datetime,
) -> None:
    """End the job as Completed; a new dataset version joins its result as `dataset` and `version`.

    Raises ChangeRefused if the attempt was lost, DependencyError `dataset-busy` if the version that the new one grew
    out of is no longer the newest, or too many publish at once.
    """
    reports = tuple(context.reports)
    new = context.new_dataset
    if new is None:
        store.complete(job, result=result, reports=reports, publication=None, now=now)
        return
    for _ in range(PUBLISH_RACES):
        version = _next_version(job, new, now)
        named = result | {"dataset": new.name, "version": version.version}
        try:
            store.complete(job, result=named, reports=reports, publication=NewVersion(version), now=now)
        except PublicationRefused as refused:
            if new.base is not None:
                raise dataset_busy() from refused
            continue
        _forget_old_versions(version, files)
        return
    raise dataset_busy()


def _next_version(job: Job, new: NewDataset, now: datetime) -> DatasetVersion:
    project_id = new.project_id or job.project_id
    before = new.base or newest_version(project_id, new.name)
    if before and new.is_first:
        raise dataset_busy()
    version = before.version + 1 if before else 1
    return DatasetVersion(
        project_id=project_id,
        name=new.name,
        version=version,
        manifest_key=new.manifest_key,
        rows=new.rows,
        job_id=job.id,
        created_at=now,
        generation=new.base.generation if new.base else version,
        created_by_name=job.created_by_name,
    )


def _forget_old_versions(newest: DatasetVersion, files: FileStores) -> None:
    """Remove the versions that the project no longer keeps; what fails here is done by the next import.

    The oldest first, and its manifest after its parts: a part is deleted with the last version that names it.
    """
    try:
        for old, newer in versions_before(newest, get_project(newest.project_id).dataset_versions_kept):
            files.datasets.delete(old, newer)
            forget_version(old)
    except (BotoCoreError, ClientError, PynamoDBException):
        logger.exception("old versions stay", dataset=newest.name, job_id=newest.job_id)
