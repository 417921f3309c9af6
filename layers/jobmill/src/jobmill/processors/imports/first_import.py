"""The import whose refused rows come back corrected, however many corrections came before."""

from typing import Any

from jobmill.errors import Conflict, NotFound, Unprocessable
from jobmill.jobs.job import Job
from jobmill.jobs.services import store
from jobmill.jobs.status import Status
from jobmill.projects.datasets import newest_version

MAX_CORRECTIONS = 1_000
"""How many corrections of corrections are followed to the first import."""


def first_import(job_id: str, project_id: str) -> Job:
    """The import at the beginning of the chain that ends in `job_id`.

    Raises Unprocessable `import-not-found`, Conflict `nothing-to-continue` if that one did not complete, Conflict
    `dataset-changed` if its dataset was replaced since.
    """
    job = _import(job_id, project_id)
    for _ in range(MAX_CORRECTIONS):
        earlier = job.params.get("continues") if isinstance(job.params, dict) else None
        if earlier is None:
            break
        job = _import(str(earlier), project_id)
    if job.status is not Status.COMPLETED:
        raise Conflict(
            "nothing-to-continue",
            f"The import is {job.status}, so none of its rows are in. Correct the file itself and import it.",
            field="params.continues",
        )
    result: Any = job.result
    if not result["errors"]:
        raise nothing_to_continue()
    newest = newest_version(project_id, result["dataset"])
    if newest is None or newest.generation > result["version"]:
        raise Conflict(
            "dataset-changed",
            f"The dataset {result['dataset']} was replaced since. Import the whole file again.",
            field="params.continues",
        )
    return job


def nothing_to_continue() -> Conflict:
    """The error of a correction of rows that nobody knows."""
    return Conflict(
        "nothing-to-continue",
        "The import refused no rows, or so long ago that the dataset does not know any more which. "
        "Import the corrected rows as a file of their own.",
        field="params.continues",
    )


def _import(job_id: str, project_id: str) -> Job:
    try:
        job = store().get(job_id)
    except NotFound:
        job = None
    if job is None or job.project_id != project_id or job.type != "Import":
        raise Unprocessable(
            "import-not-found",
            "There is no such import in this project (any more).",
            field="params.continues",
        )
    return job
