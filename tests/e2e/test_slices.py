"""A job longer than a slice: it goes on in one worker after another, and nobody can tell by what it gives."""

from pathlib import Path

from jobmill_client import Job
from jobmill_local.stack import Stack
from tests.e2e.jobs import LARGE_ROWS, import_params


def test_a_long_import_and_export_go_on_in_slices(stack: Stack, large_file: Path) -> None:
    client = stack.client("demo")
    seen: list[Job] = []
    params = import_params(client, large_file, "e2e-slices")
    imported = client.wait(client.submit("Import", params, project_id="demo").id, seen.append, timeout=240)
    assert (imported.status, imported.run) == ("Completed", 1)
    assert (imported.result["recordsCreated"], imported.result["errors"]) == (LARGE_ROWS, 0)
    progress = [job.progress for job in seen]
    assert progress == sorted(progress)
    kinds = [event.type for event in client.events(imported.id)]
    slices = kinds.count("continued")
    assert slices >= 1
    assert kinds == ["created", "started", *["continued", "started"] * slices, "completed"]

    export = {"dataset": "e2e-slices", "format": "csv", "where": [{"column": "number", "op": ">=", "value": 1000}]}
    first, second = (client.wait(client.submit("Export", export, project_id="demo").id, timeout=240) for _ in range(2))
    assert first.result["recordsProcessed"] == LARGE_ROWS - 1000
    assert first.reports[0].sha256 == second.reports[0].sha256
