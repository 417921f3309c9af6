"""Transcripts of the docs: commands and what they answered, run again by the same shell commands."""

import json
import os
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JOB_ID = re.compile(r"job_[0-9]{13}_[0-9a-z]{16}")
WAIT_SECONDS = 60


@dataclass(frozen=True)
class Step:
    """A command, and the JSON that it answered; none if it says nothing."""

    command: str
    answer: Any


def block(page: Path, language: str, having: str) -> str:
    """The one code block of a language that has a text in it."""
    blocks = re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)
    (found,) = (each for each in blocks if having in each)
    return str(found)


def steps(transcript: str) -> list[Step]:
    """The steps of a console's transcript: commands begin with `$`, and go on after a backslash."""
    found = []
    for each in re.split(r"^\$ ", transcript, flags=re.MULTILINE)[1:]:
        match = re.fullmatch(r"((?:[^\n]*\\\n)*[^\n]*\n)(.*)", each, re.DOTALL)
        assert match is not None
        found.append(Step(match[1].strip(), json.loads(match[2]) if match[2].strip() else None))
    return found


def masked(answer: Any) -> str:
    """The answer as text, fields in their order, with one and the same id for all jobs."""
    return JOB_ID.sub("job_1", json.dumps(answer, indent=2, ensure_ascii=False))


def shape(value: Any) -> Any:
    """Names and types of a JSON value, as deep as it goes; of a list, those of its first element."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value[:1]]
    return type(value).__name__


@dataclass
class Shell:
    """Runs commands in a folder; variables that they set hold for those that come after."""

    folder: Path
    environment: Mapping[str, str]
    variables: str = ""

    def run(self, command: str) -> str:
        """What the command says. It must succeed, and say nothing on stderr."""
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.variables + command],
            cwd=self.folder,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, (command, ran.stdout, ran.stderr)
        if re.match(r"[A-Z]+=", command):
            self.variables += f"{command}\n"
        return ran.stdout

    def answer(self, step: Step) -> Any:
        """The JSON that the step's command answers; asked again until a job has ended that is shown as ended."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            text = self.run(step.command)
            found = json.loads(text) if text.strip() else None
            if not _is_early(found, step.answer) or time.monotonic() > until:
                return found
            time.sleep(0.3)


def _is_early(found: Any, shown: Any) -> bool:
    """Whether a job, or the counts, are not yet as shown."""
    if not (isinstance(found, dict) and isinstance(shown, dict)):
        return False
    ended = shown.get("status") in ("completed", "failed")
    return (ended and found.get("status") == "processing") or bool(shown.get("completed") and not found["completed"])
