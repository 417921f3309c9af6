"""What attempts of this process work with, made from its settings at its first use."""

from functools import cache

from jobmill import aws
from jobmill.jobs.services import store
from jobmill.processing.attempt import Tools
from jobmill.processing.files import FileStores
from jobmill.processing.machine import Machine
from jobmill.projects.dataset_files import DatasetFiles
from jobmill.reports.services import report_files
from jobmill.settings import settings
from jobmill.times import now_utc


@cache
def tools() -> Tools:
    """The tools on the table, buckets and state machines of the settings."""
    here = settings()
    files = FileStores(
        aws.s3,
        here.uploads_bucket,
        here.datasets_bucket,
        DatasetFiles(aws.s3, here.datasets_bucket),
        report_files(),
    )
    return Tools(store(), Machine(aws.step_functions), files, here, now_utc)
