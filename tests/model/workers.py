"""The workers' steps: `jobmill.processing.attempt`, from the delivery of a message to its report."""

from collections.abc import Callable, Iterator

from jobmill.jobs.status import FINAL, Status
from tests.model.design import Design, end_of_attempt, write
from tests.model.machine import report_end, report_next
from tests.model.state import Doing, Event, Known, Object, State, Step, Worker

WORKERS = 2


def steps_of_workers(design: Design, state: State, slices: int) -> Iterator[Step]:
    """What each worker may do next. A job needs `slices` of them."""
    if len(state.workers) < WORKERS:
        yield from _deliveries(state)
    for worker in dict.fromkeys(state.workers):
        if worker.doing is Doing.WORK:
            yield from _work(design, state, worker, slices)
        else:
            yield from NEXT[worker.doing](design, state, worker)
        if state.events and (
            worker.doing is not Doing.CLAIM or worker.unheard
        ):  # else it is as if the message had not come yet
            yield _killed(state, worker)


def _deliveries(state: State) -> Iterator[Step]:
    """SQS hands each waiting message to a free worker, at any time and in any order, and now and then twice."""
    for message in dict.fromkeys(state.messages):
        delivered = state.with_worker(None, Worker(message))
        rest = list(state.messages)
        rest.remove(message)
        name = f"{_who(Worker(message))} begins"
        yield Step(name, delivered._replace(messages=tuple(rest)))
        if state.events:
            yield Step(f"{name}, and a copy of it stays", delivered, Event.DUPLICATE)


def _who(worker: Worker) -> str:
    return f"worker of run {worker.message.run} pass {worker.message.pass_}"


def _to(state: State, worker: Worker, doing: Doing, what: str, event: Event | None = None) -> Step:
    """The worker's next call is `doing`."""
    return Step(f"{_who(worker)} {what}", state.with_worker(worker, worker._replace(doing=doing)), event)


def _killed(state: State, worker: Worker) -> Step:
    """The process ends, or raises: the message was not acknowledged, so it comes again."""
    messages = tuple(sorted((*state.messages, worker.message)))
    left = state.with_worker(worker, None)._replace(messages=messages)
    return Step(f"{_who(worker)} is killed; its next step was: {worker.doing.value}", left, Event.KILL)


def _claim(design: Design, state: State, worker: Worker) -> Iterator[Step]:
    known = Known(run=worker.message.run, pass_=worker.message.pass_)
    lease = 1 if design.claim_takes_lease else 0
    claimed = write(design, state, "claim", known, lease=lease, attempt=state.row.attempt + 1)
    yield _to(state, worker, Doing.REPORT_NEXT, "claims, and is not answered at all", Event.CLAIM_ERROR)
    if claimed is None:
        yield _to(state, worker, Doing.READ, "claims, and is refused")
        return
    works = worker._replace(job=_as_claimed(claimed))
    yield Step(
        f"{_who(worker)} claims: attempt {claimed.row.attempt}",
        claimed.with_worker(worker, works._replace(doing=Doing.WORK)),
    )
    repeats = worker._replace(unheard=claimed.row.attempt)
    yield Step(
        f"{_who(worker)} claims, and does not hear of it", claimed.with_worker(worker, repeats), Event.LOST_ANSWER
    )
    yield _to(claimed, worker, Doing.REPORT_NEXT, "claims, and never hears of it", Event.CLAIM_ERROR)


def _as_claimed(state: State) -> Known:
    row = state.row
    return Known(run=row.run, attempt=row.attempt, slices=row.slices, is_running=True)


def _read_refused_claim(design: Design, state: State, worker: Worker) -> Iterator[Step]:
    row = state.row
    owns = row.status is Status.RUNNING and row.attempt == worker.unheard and row.run == worker.message.run
    if owns and design.claim_knows_its_owner:
        works = worker._replace(doing=Doing.WORK, job=_as_claimed(state), unheard=0)
        yield Step(f"{_who(worker)} finds that it has the job", state.with_worker(worker, works))
    elif design.dropper_reports and (row.run != worker.message.run or row.status in FINAL):
        yield _to(state, worker, Doing.REPORT_END, "finds its run ended")
    else:
        yield Step(f"{_who(worker)} drops its message", state.with_worker(worker, None))


def _work(design: Design, state: State, worker: Worker, slices: int) -> Iterator[Step]:
    job = worker.job
    if state.row.status is not Status.RUNNING or state.row.attempt != job.attempt:
        yield _to(state, worker, Doing.REPORT_END, "finds the job lost")
    if job.slices + 1 < slices:
        at_end = worker._replace(doing=Doing.RELEASE, is_slice=True)
        yield Step(f"{_who(worker)} is at a slice's end", state.with_worker(worker, at_end))
    else:
        first = Doing.UPLOAD if design.upload_comes_first else Doing.COMPLETE
        yield _to(state, worker, first, "is done with the work")
    if state.events:
        yield from _events_of_work(design, state, worker, slices)


def _events_of_work(design: Design, state: State, worker: Worker, slices: int) -> Iterator[Step]:
    yield _to(state, worker, Doing.RELEASE, "meets trouble", Event.TROUBLE)
    yield _to(state, worker, Doing.FAIL, "finds that the job cannot be done", Event.BAD_JOB)
    newer = worker.job._replace(slices=min(worker.job.slices + 1, slices - 1))
    renewed = write(design, state, "renew", worker.job, lease=state.row.lease + 1, slices=newer.slices, recoveries=0)
    if renewed is not None:
        goes_on = renewed.with_worker(worker, worker._replace(job=newer))
        yield Step(f"{_who(worker)} renews its lease, with a checkpoint", goes_on, Event.RENEWAL)


def _key(design: Design, worker: Worker) -> int:
    return worker.job.attempt if design.keys_have_attempt else 0


def _upload(design: Design, state: State, worker: Worker) -> Iterator[Step]:
    key, attempt = _key(design, worker), worker.job.attempt
    objects = frozenset(each for each in state.objects if each.key != key) | {Object(key, attempt)}
    if not design.upload_comes_first:
        after = Doing.REPORT_END
    else:
        after = Doing.COMPLETE if design.publishes_with_completion else Doing.PUBLISH
    yield _to(state._replace(objects=objects), worker, after, f"uploads as attempt {attempt}")


def _publish(_design: Design, state: State, worker: Worker) -> Iterator[Step]:
    published = state._replace(published=(*state.published, worker.job.attempt))
    yield _to(published, worker, Doing.COMPLETE, "publishes")


def _complete(design: Design, state: State, worker: Worker) -> Iterator[Step]:
    completed = write(design, state, "complete", worker.job, result=_key(design, worker), **end_of_attempt(worker.job))
    if completed is None:  # its own completion, of which it did not hear, or a lost attempt: the report is the same
        yield _to(state, worker, Doing.REPORT_END, "may not complete")
        return
    if design.publishes_with_completion:
        completed = completed._replace(published=(*state.published, worker.job.attempt))
    after = Doing.REPORT_END if design.upload_comes_first else Doing.UPLOAD
    yield _to(completed, worker, after, "completes")
    yield Step(f"{_who(worker)} completes, and does not hear of it", completed, Event.LOST_ANSWER)


def _fail(design: Design, state: State, worker: Worker) -> Iterator[Step]:
    failed = write(design, state, "fail", worker.job, **end_of_attempt(worker.job))
    if failed is None:
        yield _to(state, worker, Doing.REPORT_END, "may not fail the job")
        return
    yield _to(failed, worker, Doing.REPORT_END, "fails the job")
    yield Step(f"{_who(worker)} fails the job, and does not hear of it", failed, Event.LOST_ANSWER)


def _release(design: Design, state: State, worker: Worker) -> Iterator[Step]:
    values = end_of_attempt(worker.job)
    if design.release_raises_pass:
        values["pass_"] = worker.message.pass_ + 1
    if design.release_is_untold:
        values["told"] = False
    if worker.is_slice:
        values |= {"slices": worker.job.slices + 1, "recoveries": 0}
    released = write(design, state, "release", worker.job, **values)
    if released is None:
        yield _to(state, worker, Doing.READ_RELEASE, "may not release the job")
        return
    yield Step(f"{_who(worker)} releases the job", released.with_worker(worker, _as_released(released, worker)))
    yield Step(f"{_who(worker)} releases the job, and does not hear of it", released, Event.LOST_ANSWER)


def _as_released(state: State, worker: Worker) -> Worker:
    return worker._replace(doing=Doing.REPORT_NEXT, job=Known(run=state.row.run, attempt=state.row.attempt))


def _read_refused_release(_design: Design, state: State, worker: Worker) -> Iterator[Step]:
    if state.row.status is Status.QUEUED and state.row.attempt == worker.job.attempt:
        yield Step(f"{_who(worker)} finds its release", state.with_worker(worker, _as_released(state, worker)))
    else:
        yield _to(state, worker, Doing.REPORT_END, "finds the job lost")


def _report_end(_design: Design, state: State, worker: Worker) -> Iterator[Step]:
    yield Step(f"{_who(worker)} reports the end", report_end(state, worker.message).with_worker(worker, None))


def _report_next(design: Design, state: State, worker: Worker) -> Iterator[Step]:
    heard = report_next(state, worker.message, is_slice=worker.is_slice)
    is_told = heard is not None or not design.tells_only_what_was_heard
    after = worker._replace(doing=Doing.TELL) if worker.job.run and is_told else None
    what = "asks for the next message" if heard is not None else "asks for the next message; its token is dead"
    yield Step(f"{_who(worker)} {what}", (heard or state).with_worker(worker, after))


def _tell(design: Design, state: State, worker: Worker) -> Iterator[Step]:
    told = write(design, state, "tell", worker.job, told=True)
    yield Step(f"{_who(worker)} tells the row of it", (told or state).with_worker(worker, None))


NEXT: dict[Doing, Callable[[Design, State, Worker], Iterator[Step]]] = {
    Doing.CLAIM: _claim,
    Doing.READ: _read_refused_claim,
    Doing.UPLOAD: _upload,
    Doing.PUBLISH: _publish,
    Doing.COMPLETE: _complete,
    Doing.FAIL: _fail,
    Doing.RELEASE: _release,
    Doing.READ_RELEASE: _read_refused_release,
    Doing.REPORT_END: _report_end,
    Doing.REPORT_NEXT: _report_next,
    Doing.TELL: _tell,
}
