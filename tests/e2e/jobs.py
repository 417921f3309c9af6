"""Jobs as the tests of the whole stack need them."""

import time
from pathlib import Path

from jobmill_client import Client, Job

LARGE_ROWS = 3_000_000


def import_params(client: Client, path: Path, dataset: str) -> dict[str, str]:
    """The parameters of an Import of this file, which is uploaded."""
    return {"uploadId": client.upload(path, project_id="demo"), "dataset": dataset}


def wait_for_progress(client: Client, job_id: str) -> Job:
    """The job at the first sight of it in which a worker has it and has begun; between two slices it waits again."""
    while not ((job := client.job(job_id)).progress and job.status == "Running") and not job.has_ended:
        time.sleep(0.1)
    return job
