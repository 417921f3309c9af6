"""The job types: one module each, found by being here. A new type is a new module and a row in the template."""

import importlib
import pkgutil
from functools import cache
from typing import Any

from jobmill.processing.registry import JobType


@cache
def job_types() -> dict[str, JobType[Any]]:
    """Every job type by its name, from the modules of this package."""
    modules = (importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    found = (value for module in modules for value in vars(module).values() if isinstance(value, JobType))
    return {each.name: each for each in found}
