"""Task: a run of a scheduled task. Its leases, slices, retries, time limit, cancellation and history are the job's."""

from jobmill.errors import Unprocessable
from jobmill.processing.context import Context
from jobmill.processing.registry import Result, job_type
from jobmill.scheduled import scheduled_tasks
from jobmill.scheduled.registry import Collected, TaskParams
from jobmill.tasks.names import TASK, TaskData
from jobmill.tasks.rows import get_document
from jobmill.tasks.running import execute_task


@job_type(TASK, params=TaskParams, is_internal=True)
def run_task(context: Context[TaskParams]) -> Result:
    """Execute the task. Gives its name, and the version, records and place of its data; or whose run it gave way to.

    Raises what the task raised: the job then fails with it, or is tried again.
    """
    params = context.params
    task = scheduled_tasks().get(params.task)
    if task is None:
        raise Unprocessable("task-not-found", f"There is no task {params.task} (any more).", field="params.task")
    raised: list[Exception] = []
    told: list[Result] = []

    def work() -> TaskData:
        try:
            made = task.work(context)
        except Exception as error:
            raised.append(error)
            raise
        told.append(made.result if isinstance(made, Collected) else {})
        return made.data if isinstance(made, Collected) else made

    execute_task(context.job.created_by_name, task.name, work, save_in=task.save_in)
    if raised:
        raise raised[0]
    document = get_document(task.name)
    if not told:
        return {"task": task.name, "skipped": True, "underWay": document.skipped_for}
    if document.error:
        raise Unprocessable("task-data-refused", document.error)
    return {
        "task": task.name,
        "version": document.version,
        "records": document.records,
        "savedIn": document.saved_in,
        **told[0],
    }
