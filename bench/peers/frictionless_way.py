"""`python -m bench.peers.frictionless_way STEP FOLDER`: the first rows of the table, validated by the same schema."""

import json
import sys
from pathlib import Path

from frictionless import Resource, Schema, system

from bench.clock import cpu_seconds, tell

_MAX_ERRORS = 10_000


def main(step: str, folder: str) -> None:
    """The one step is to `validate`."""
    assert step == "validate"
    began = cpu_seconds()
    files = Path(folder)
    schema = Schema.from_descriptor(json.loads((files / "schema.json").read_text()))
    with system.use_context(trusted=True):
        report = Resource(path=str(files / "few-rows.csv"), schema=schema).validate(limit_errors=_MAX_ERRORS)
    tell(began, report.tasks[0].stats["rows"], report.stats["errors"])


if __name__ == "__main__":
    main(*sys.argv[1:])
