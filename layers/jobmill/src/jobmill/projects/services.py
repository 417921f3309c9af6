"""What this process does to projects' files, made from its settings at its first use."""

from functools import cache

from jobmill import aws
from jobmill.projects.gone_jobs import GoneJobs
from jobmill.projects.leftovers import Leftovers
from jobmill.settings import settings


@cache
def leftovers() -> Leftovers:
    """The remover of leftovers in the datasets bucket of the settings."""
    return Leftovers(aws.s3, settings().datasets_bucket)


@cache
def gone_jobs() -> GoneJobs:
    """The remover of what deleted jobs leave, in the table and the buckets of the settings."""
    here = settings()
    return GoneJobs(aws.s3, here.datasets_bucket, here.reports_bucket)
