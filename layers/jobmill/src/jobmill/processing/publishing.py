"""The completion of a job, with what it publishes: one write, so that both become visible or neither."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from jobmill.errors import DependencyError
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

    Raises ChangeRefused if the attempt was lost, DependencyError `dataset-busy` if too many publish at once.
    """
    reports = tuple(replace(report, expires_at=now + files.report_retention) for report in context.reports)
    new = context.new_dataset
    if new is None:
        store.complete(job, result=result, reports=reports, publication=None, now=now)
        return
    for _ in range(PUBLISH_RACES):
        version = _next_version(job, new, now)
        named = result | {"dataset": new.name, "version": version.version}
        try:
            store.complete(job, result=named, reports=reports, publication=NewVersion(version), now=now)
        except PublicationRefused:
            continue
        _forget_old_versions(version, files)
        return
    raise DependencyError("dataset-busy", f"Too many jobs publish the dataset {new.name} at once. Retry the job.")


def _next_version(job: Job, new: NewDataset, now: datetime) -> DatasetVersion:
    newest = newest_version(job.project_id, new.name)
    return DatasetVersion(
        project_id=job.project_id,
        name=new.name,
        version=newest.version + 1 if newest else 1,
        manifest_key=new.manifest_key,
        rows=new.rows,
        job_id=job.id,
        created_at=now,
    )


def _forget_old_versions(newest: DatasetVersion, files: FileStores) -> None:
    """Remove the versions that the project no longer keeps; what fails here is done by the next import."""
    try:
        for old in versions_before(newest, get_project(newest.project_id).dataset_versions_kept):
            files.datasets.delete(old)
            forget_version(old)
    except (BotoCoreError, ClientError, PynamoDBException):
        logger.exception("old versions stay", dataset=newest.name, job_id=newest.job_id)
