"""What a measured program tells of itself. Runs in environments of others: the standard library only."""

import json
import resource


def cpu_seconds() -> float:
    """User and system time so far, of this process and of its children that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def tell(began: float, rows: int, found: object = None) -> None:
    """Print the CPU seconds since the work `began` (as `cpu_seconds`), its rows, and the errors that it found."""
    print(json.dumps({"work": cpu_seconds() - began, "rows": rows, "found": found}))  # noqa: T201
