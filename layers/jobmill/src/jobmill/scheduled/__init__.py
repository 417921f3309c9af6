"""The scheduled tasks: one module each, found by being here. A new one is a new module and a row in the template."""

import importlib
import pkgutil
from functools import cache

from jobmill.scheduled.registry import ScheduledTask


@cache
def scheduled_tasks() -> dict[str, ScheduledTask]:
    """Every task by its name, from the modules of this package, in the order of names."""
    modules = (importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    found = {
        value.name: value for module in modules for value in vars(module).values() if isinstance(value, ScheduledTask)
    }
    return dict(sorted(found.items()))
