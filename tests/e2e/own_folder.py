"""The folder of this test process: the build, and a local AWS."""

import fcntl
import os
import shutil
from functools import cache
from itertools import count
from pathlib import Path

from jobmill_local.deploy import build
from jobmill_local.toolchain import ROOT


@cache
def own_folder() -> Path:
    """The first of `.local/test-1`, `.local/test-2`, … that no other running process has.

    The lock is held until this process ends, however it ends; what an ended process left in the folder, its
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


def lend_build(state: Path) -> Path:
    """Let the folder `state` have the build of all test processes, made if need be; gives its folder of the build.

    It is linked file by file. Both have to lie in the same folder: a build names the state machines' files by their
    way from it.
    """
    shared = ROOT / ".local" / "test-build"
    shared.mkdir(parents=True, exist_ok=True)
    state.mkdir(parents=True, exist_ok=True)
    with (shared / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = build(shared)
        lent = state / built.name
        shutil.rmtree(lent, ignore_errors=True)
        shutil.copytree(built, lent, copy_function=os.link)
        shutil.copy(shared / "build.source", state)
    return lent
