"""The commands that building and deploying need, and an environment that leaves the user's own AWS alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-central-1"
# What the local AWS takes for its owner's keys.
ACCESS_KEY = SECRET_KEY = "test"  # noqa: S105 - everybody's


class ToolFailed(Exception):
    """A command failed; the message holds the end of what it said, and the whole is in its log."""


def isolated_environment() -> dict[str, str]:
    """This process's environment without the user's AWS profiles, keys and SAM settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(ROOT / ".local" / "sam"),
    }


def uv() -> str:
    """The path of `uv`: the one that runs us, the user's, or the project's own. Raises ToolFailed."""
    found = os.environ.get("UV") or shutil.which("uv") or shutil.which(ROOT / ".local/uv/bin/uv")
    if not found:
        raise ToolFailed("uv is not on PATH; `make` fetches it into the project.")
    return found


def sam() -> str:
    """The path of `sam` in this project's environment."""
    return str(Path(sys.executable).with_name("sam"))


def run(command: list[str], log: Path, **environment: str) -> None:
    """Run a command in the project's root, with its output in `log`. Raises ToolFailed."""
    with log.open("w") as output:
        done = subprocess.run(  # noqa: S603 - commands of our own
            command,
            cwd=ROOT,
            env=isolated_environment() | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        raise ToolFailed(f"{Path(command[0]).name} {command[1]} failed ({log}):\n{end}")
