"""What a change of a job's row is worth telling, and how it is told. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jobmill.jobs.status import FINAL, Status
from jobmill.json_values import Json

_TYPES = {
    Status.COMPLETED: "job-completed",
    Status.FAILED: "job-failed",
    Status.CANCELLED: "job-cancelled",
}


@dataclass(frozen=True)
class Message:
    """Where a job was after a change of it."""

    job_id: str
    project_id: str
    run: int
    version: int
    status: Status
    progress: int

    @property
    def is_end(self) -> bool:
        """Whether the job has ended: such a message may not be lost."""
        return self.status in FINAL

    @property
    def order(self) -> tuple[int, int, int]:
        """Grows with each change of one job; the client drops what is not above what it has."""
        return (self.run, self.version, self.progress)

    def to_json(self) -> Json:
        """As clients get it."""
        return {
            "type": _TYPES.get(self.status, "job-progress"),
            "jobId": self.job_id,
            "run": self.run,
            "version": self.version,
            "status": str(self.status),
            "progress": self.progress,
        }


def message_of(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Message | None:
    """What a change of a job's row from one image of the stream to the next tells; none if a reader would see nothing.

    Told are a new job, each change of its status, a new run, and progress. Not told are leases that were renewed, later
    looks, reports that were added. `old` is none for a new row. Raises KeyError or ValueError for what is no job's row.
    """
    message = _read(new)
    if old is not None and _read(old) == message:
        return None
    return message


def newest(messages: Iterable[Message]) -> list[Message]:
    """Of one batch: each end, and of each job the newest message, if it is newer than its ends; in their order."""
    ends = {(each.job_id, each.order): each for each in messages if each.is_end}
    last: dict[str, Message] = {}
    for each in messages:
        if each.job_id not in last or each.order > last[each.job_id].order:
            last[each.job_id] = each
    rest = [each for each in last.values() if not each.is_end]
    return sorted([*ends.values(), *rest], key=lambda each: each.order)


def _read(image: Mapping[str, Any]) -> Message:
    progress = image.get("progress", {"N": "0"})
    return Message(
        job_id=image["id"]["S"],
        project_id=image["project_id"]["S"],
        run=int(image["run"]["N"]),
        version=int(image["version"]["N"]),
        status=Status(image["status"]["S"]),
        progress=int(progress["N"]),
    )
