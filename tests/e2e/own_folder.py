"""The folder of this test session: its build, and its local AWS."""

import fcntl
import os
from functools import cache
from itertools import count
from pathlib import Path

from jobmill_local.toolchain import ROOT


@cache
def own_folder() -> Path:
    """The first of `.local/test-1`, `.local/test-2`, … that no other running session has.

    The lock is held until this process ends, however it ends; what an ended session left in the folder, its
    local AWS included, is nobody's.
    """
    for number in count(1):
        folder = ROOT / ".local" / f"test-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "session.lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return folder
    raise AssertionError("counting does not end")
