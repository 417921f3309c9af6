"""The look at all tasks, each few minutes: their schedules, and what is late, told to CloudWatch as three figures."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from jobmill.log import logger
from jobmill.settings import Settings
from jobmill.tasks.document import TaskDocument
from jobmill.tasks.lateness import Lateness, late
from jobmill.tasks.names import TaskSpec
from jobmill.tasks.rows import change_document, get_document
from jobmill.tasks.schedule import UnknownSchedule, parse_schedule
from jobmill.tasks.starting import job_under_way, note_readiness

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

NAMESPACE: Final = "Jobmill"
METRICS: Final = {
    Lateness.NOT_FIRED: "SchedulesNotFired",
    Lateness.NOT_ENDED: "RunsNotEnded",
    Lateness.TOO_OLD: "DataTooOld",
}
"""How many tasks are late, by what is late; each with the dimension Stack."""
_WHEN: Final = ("schedule", "time_zone", "is_enabled")
"""What changes when slots are due: one that is changed, or on again, is watched from then on."""


class TaskWatch:
    """Looks at tasks, and tells how many are late."""

    def __init__(
        self,
        scheduler: Callable[[], "EventBridgeSchedulerClient"],
        cloudwatch: Callable[[], "CloudWatchClient"],
        here: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._scheduler = scheduler
        self._cloudwatch = cloudwatch
        self._here = here
        self._clock = clock

    def look(self, specs: Iterable[TaskSpec]) -> dict[Lateness, int]:
        """Look at these tasks, and tell. One that cannot be looked at counts as not fired, and stops no other."""
        found = dict.fromkeys(Lateness, 0)
        for spec in specs:
            try:
                lates = self._look_at(spec)
            except Exception:  # one record of a batch
                logger.exception("task not looked at", task=spec.name)
                lates = [Lateness.NOT_FIRED]
            for what in lates:
                found[what] += 1
        self._tell(found)
        return found

    def _look_at(self, spec: TaskSpec) -> list[Lateness]:
        document = note_readiness(spec, self._note_schedule(spec.name, get_document(spec.name)))
        now = self._clock()
        is_busy = job_under_way(document) is not None
        lates = late(document, spec, now, self._here.task_grace, is_under_way=is_busy)
        for each in lates:
            logger.error("task late", task=spec.name, late=each.what, why=each.why)
        return [each.what for each in lates]

    def _note_schedule(self, name: str, document: TaskDocument) -> TaskDocument:
        """Note how EventBridge has the schedule of this task now; of a task that never had one, nothing."""
        client = self._scheduler()
        try:
            found = client.get_schedule(GroupName=self._here.schedule_group, Name=name)
        except client.exceptions.ResourceNotFoundException:
            changes: dict[str, object] = {} if document.schedule is None else {"is_enabled": False}
        else:
            changes = {
                "schedule": found["ScheduleExpression"],
                "time_zone": found.get("ScheduleExpressionTimezone") or "UTC",
                "is_enabled": found["State"] == "ENABLED",
            }
        if all(getattr(document, field) == value for field, value in changes.items()):
            return document
        _check_known(name, changes)
        if changes["is_enabled"] and any(getattr(document, field) != changes[field] for field in _WHEN):
            changes |= {"watched_since": self._clock()}
        return change_document(name, changes)

    def _tell(self, found: dict[Lateness, int]) -> None:
        dimensions: list[DimensionTypeDef] = [{"Name": "Stack", "Value": self._here.schedule_group}]
        self._cloudwatch().put_metric_data(
            Namespace=NAMESPACE,
            MetricData=[
                {"MetricName": METRICS[what], "Dimensions": dimensions, "Value": number, "Unit": "Count"}
                for what, number in found.items()
            ],
        )


def _check_known(name: str, changes: Mapping[str, object]) -> None:
    """Log it, once, if nobody will notice that the schedule does not fire."""
    if "schedule" not in changes:
        return
    try:
        parse_schedule(str(changes["schedule"]), str(changes["time_zone"]))
    except UnknownSchedule as error:
        logger.warning("schedule not understood: a missed slot will not be told", task=name, why=str(error))
