"""An environment for each peer, of pinned libraries: made by uv where it is not there yet."""

import os
import shutil
import subprocess
from pathlib import Path

PYTHON_VERSION = "3.13"
_REQUIREMENTS = Path(__file__).parent / "peers"


def python_of(peer: str, folder: Path) -> Path:
    """The interpreter of the environment of `peer` inside `folder`, with what its requirements pin."""
    wanted, environment = _REQUIREMENTS / f"{peer}.txt", folder / "environments" / peer
    python, installed = environment / "bin" / "python", environment / "requirements.txt"
    if not installed.exists() or installed.read_text() != wanted.read_text():
        shutil.rmtree(environment, ignore_errors=True)
        _uv("venv", "--python", PYTHON_VERSION, str(environment))
        _uv("pip", "sync", "--python", str(python), str(wanted))
        shutil.copyfile(wanted, installed)
    return python


def versions(peer: str, names: tuple[str, ...]) -> str:
    """The pinned versions of these libraries of a peer, as `pandas 3.1.1`."""
    pins = dict(line.split("==") for line in (_REQUIREMENTS / f"{peer}.txt").read_text().split())
    return ", ".join(f"{name} {pins[name]}" for name in names)


def _uv(*arguments: str) -> None:
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    subprocess.run([uv, *arguments, "--quiet"], check=True)
