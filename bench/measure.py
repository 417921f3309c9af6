"""A program measured from outside: what the system says that its process, and those under it, used."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_KIBIBYTES_OF_MEGABYTE = 1000 / 1.024


class ProgramFailed(Exception):
    """A measured program did not end well; it has said why on the terminal."""


@dataclass(frozen=True)
class Run:
    """One run of a program: seconds of CPU (user and system) of its work and of all else, wall time, and memory.

    `other_seconds` is what a warm process need not do again: to load Python and the libraries, and to end.
    """

    work_seconds: float
    other_seconds: float
    wall_seconds: float
    peak_megabytes: float
    rows: int
    found: Any


def measure(module: str, step: str, folder: Path, python: Path = Path(sys.executable)) -> Run:
    """Run `module` for one step on the files in `folder`, in a process of its own. Raises ProgramFailed."""
    began = time.monotonic()
    with subprocess.Popen(
        [str(python), "-m", module, step, str(folder)], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        told = process.stdout.read()
        # The resources of the process and of its children that it has waited for.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    if process.returncode:
        raise ProgramFailed(f"{module} {step} ended with {process.returncode}")
    said = json.loads(told.splitlines()[-1])
    cpu = usage.ru_utime + usage.ru_stime
    peak = usage.ru_maxrss / _KIBIBYTES_OF_MEGABYTE
    return Run(said["work"], cpu - said["work"], wall, peak, said["rows"], said["found"])
