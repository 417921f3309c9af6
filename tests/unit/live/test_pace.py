"""Progress is told at most twice a second."""

from jobmill.jobs.status import Status
from jobmill.live.messages import Message
from jobmill.live.pace import Pace


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def message(job_id: str = "a", progress: int = 0, status: Status = Status.RUNNING, version: int = 2) -> Message:
    return Message(job_id, "demo", 1, version, status, progress)


def test_progress_of_a_job_is_told_at_most_twice_a_second() -> None:
    clock = Clock()
    pace, told = Pace(clock), []
    for percent in range(100):
        clock.now = percent / 20
        told += [clock.now for _ in pace.due([message(progress=percent)])]
    assert told == [0.5 * number for number in range(10)]


def test_jobs_have_each_its_own_pace() -> None:
    pace = Pace(Clock())
    assert len(pace.due([message("a"), message("b")])) == 2
    assert pace.due([message("a", 1), message("c")]) == [message("c")]


def test_ends_and_changes_of_status_are_told_at_once() -> None:
    pace = Pace(Clock())
    pace.due([message()])
    end = message(status=Status.COMPLETED, version=3)
    assert pace.due([end]) == [end]
    assert pace.due([end]) == [end], "a batch that comes again is told again"
    again = message(status=Status.QUEUED, version=4)
    assert pace.due([again]) == [again]
