"""What this process does to projects' files, made from its settings at its first use."""

from functools import cache

from jobmill import aws
from jobmill.projects.leftovers import Leftovers
from jobmill.settings import settings


@cache
def leftovers() -> Leftovers:
    """The remover of leftovers in the datasets bucket of the settings."""
    return Leftovers(aws.s3, settings().datasets_bucket)
