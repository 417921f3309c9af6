"""What a worker tells the state machine, by the task token of its message."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from jobmill.jobs.executions import CONTINUE, RETRYABLE
from jobmill.log import logger

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

# The execution is gone or was answered before: there is nobody left to tell.
_SETTLED = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class Machine:
    """Reports to Step Functions. For an end, a token that is no longer waited for is as good as told."""

    def __init__(self, step_functions: Callable[[], "SFNClient"]) -> None:
        self._step_functions = step_functions

    def succeed(self, token: str) -> None:
        """The run has ended, in whatever status: the execution ends."""
        self._tell(lambda: self._step_functions().send_task_success(taskToken=token, output="{}"))

    def retry_later(self, token: str, cause: str) -> bool:
        """The job is to be tried again: the machine sends its next message after its backoff. Says if it heard."""
        return self._fail(token, RETRYABLE, cause)

    def next_slice(self, token: str) -> bool:
        """The job is to go on: the machine sends its next message after a second. Says if it heard."""
        return self._fail(token, CONTINUE, "slice")

    def _fail(self, token: str, error: str, cause: str) -> bool:
        return self._tell(
            lambda: self._step_functions().send_task_failure(taskToken=token, error=error, cause=cause[:200])
        )

    def _tell(self, call: Callable[[], object]) -> bool:
        try:
            call()
            return True
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") not in _SETTLED:
                raise
            logger.info("token no longer waited for")
            return False
