"""The callers of a chaos run: they submit, cancel and retry through the API, and write down what they were told."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from jobmill_client import ApiProblem, Client, JobmillError
from tests.chaos.work import PROJECTS, Wanted, Work

BACKLOG = 60
"""Jobs under way at which the callers wait: what piles up only makes the run longer."""
NEWEST = 12
NEWEST_SHARE = 0.2
"""Of the cancels, which hit one of so many newest jobs, so that some are Queued; the others hit Running ones."""
RETRIED_SHARE = 0.5
PAUSE_SECONDS = 0.2
LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Answer:
    """An acknowledged call about a job: times are epoch milliseconds, before the call and after its answer."""

    call: str
    job_id: str
    asked_at: int
    answered_at: int


def milliseconds() -> int:
    """Now."""
    return time.time_ns() // 1_000_000


class Callers:
    """What the callers know: which job they were promised, and which cancels and retries were acknowledged."""

    def __init__(self, work: Work, client: Callable[[], Client], seed: int) -> None:
        self._work = work
        self._client = client
        self._random = random.Random(f"callers-{seed}")
        self._numbers = iter(range(work.jobs))
        self._lock = threading.Lock()
        self.accepted: dict[str, Wanted] = {}
        self.accepted_ids: list[str] = []
        self.answers: list[Answer] = []
        self.refused: dict[str, int] = {}
        self.under_way = 0

    def submit_all(self, stop: threading.Event) -> None:
        """Submit jobs until there are no more; several threads may."""
        client = self._client()
        while not stop.is_set():
            with self._lock:
                number = next(self._numbers, None)
            if number is None:
                return
            while self.under_way >= BACKLOG and not stop.wait(PAUSE_SECONDS):
                pass
            self._submit_at_last(client, number, stop)

    def _submit_at_last(self, client: Client, number: int, stop: threading.Event) -> None:
        """Submit one job until it is accepted; each try carries the same key."""
        while not stop.is_set():
            try:
                self.submit(client, number)
                return
            except JobmillError as error:
                self._count(error)
                stop.wait(PAUSE_SECONDS)

    def submit(self, client: Client, number: int) -> str:
        """Submit a job; gives its id, which is a promise from here on."""
        wanted = self._work.wanted(number)
        key = f"chaos-{number}"
        job = client.submit(wanted.type, wanted.params, project_id=wanted.project_id, idempotency_key=key)
        with self._lock:
            self.accepted[job.id] = wanted
            self.accepted_ids.append(job.id)
        return job.id

    def look(self, stop: threading.Event) -> None:
        """Ask again and again how many jobs are under way."""
        client = self._client()
        while not stop.wait(LOOK_SECONDS):
            try:
                counts = [client.stats(project_id) for project_id in PROJECTS]
            except JobmillError as error:
                self._count(error)
                continue
            self.under_way = sum(each.queued + each.running for each in counts)

    def disturb(self, stop: threading.Event, share: float) -> None:
        """Cancel so much of all jobs, most of them while they run or complete, and retry half of what was cancelled."""
        client, seen, due = self._client(), 0, 0.0
        while not stop.wait(PAUSE_SECONDS / 4):
            due += share * (len(self.accepted_ids) - seen)
            seen = len(self.accepted_ids)
            job_id = self._victim(client) if due >= 1 else None
            if job_id is None:
                continue
            due -= 1
            if self._call("cancel", job_id, client.cancel) and self._random.random() < RETRIED_SHARE:
                stop.wait(self._random.random())
                self._call("retry", job_id, client.retry)

    def _victim(self, client: Client) -> str | None:
        """A job that runs, or now and then a new one; none if there is no such job just now."""
        if self._random.random() < NEWEST_SHARE:
            return self._random.choice(self.accepted_ids[-NEWEST:])
        try:
            running = list(client.jobs(project_id=self._random.choice(PROJECTS), status="Running", limit=NEWEST))
        except JobmillError as error:
            self._count(error)
            return None
        return self._random.choice(running).id if running else None

    def _call(self, name: str, job_id: str, call: Callable[[str], Any]) -> bool:
        asked_at = milliseconds()
        try:
            call(job_id)
        except JobmillError as error:
            self._count(error)
            return False
        self.answers.append(Answer(name, job_id, asked_at, milliseconds()))
        return True

    def _count(self, error: JobmillError) -> None:
        name = error.code if isinstance(error, ApiProblem) else type(error).__name__
        with self._lock:
            self.refused[name] = self.refused.get(name, 0) + 1

    def to_json(self) -> dict[str, Any]:
        """What the callers were told."""
        return {"answers": [asdict(answer) for answer in self.answers], "refused": self.refused}


def calls(answers: Sequence[Answer], name: str) -> list[Answer]:
    """The answers to one kind of call."""
    return [answer for answer in answers if answer.call == name]
