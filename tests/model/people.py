"""The steps of the reconciler and of the API's requests: `jobmill.jobs.recovery` and `jobmill.jobs.lifecycle`."""

from collections.abc import Iterator

from jobmill.jobs.status import Status, may_cancel, may_retry
from tests.model.design import Design, end_of_attempt, next_run, read, write
from tests.model.machine import stop
from tests.model.state import Asking, Doing, Event, Known, Look, Looking, Phase, Request, State, Step

RECOVERIES = 1
"""How often a lost job is given to another worker: three in the code, fewer for fewer states."""
PEOPLE = 2
HAS_JOB = frozenset(
    {Doing.CLAIM, Doing.READ, Doing.WORK, Doing.UPLOAD, Doing.PUBLISH, Doing.COMPLETE, Doing.FAIL, Doing.RELEASE}
)
IS_TELLING = frozenset({Doing.RELEASE, Doing.READ_RELEASE, Doing.REPORT_NEXT, Doing.TELL})


def steps_of_reconciler(design: Design, state: State) -> Iterator[Step]:
    """What the reconciler may do next. Looks that would lead to nothing are left out."""
    if not design.reconciles:
        return
    if state.look is None:
        yield from _read(state)
        return
    yield Step(
        f"the reconciler is killed; its next step was: {state.look.doing.value}", state._replace(look=None), Event.KILL
    )
    match state.look.doing:
        case Looking.FIND:
            yield _find(state, state.look)
        case Looking.SEND:
            yield _send_again(design, state, state.look)
        case Looking.STOP:
            stopped = stop(state, state.look.job.run)._replace(look=None)
            yield Step(f"the reconciler stops the execution of run {state.look.job.run}", stopped)
        case Looking.SEND_NEXT:
            yield _send_next(state, state.look)
        case _:
            yield _change(design, state, state.look)


def _read(state: State) -> Iterator[Step]:
    row = state.row
    job = Known(run=row.run, attempt=row.attempt)
    if row.status is Status.RUNNING and row.lease:
        job = job._replace(lease=row.lease, is_running=True)
        doing = Looking.GIVE_UP if row.recoveries >= RECOVERIES else Looking.RECOVER
        event = Event.SLOW if _is_alive(state) else None
        yield Step(f"the lease of attempt {row.attempt} passes", state._replace(look=Look(doing, job)), event)
    elif row.status is Status.QUEUED and not row.told:
        event = Event.SLOW if _is_being_told(state) else None
        looks = state._replace(look=Look(Looking.RESTART, job))
        yield Step("the reconciler finds that the machine was not told", looks, event)
    elif row.status is Status.QUEUED and row.run not in state.starts and not state.execution(row.run).is_open:
        yield Step("the reconciler reads the row", state._replace(look=Look(Looking.FIND, job)))


def _is_alive(state: State) -> bool:
    attempt = state.row.attempt
    return any(attempt in (each.unheard, each.job.attempt) and each.doing in HAS_JOB for each in state.workers)


def _is_being_told(state: State) -> bool:
    attempt = state.row.attempt
    return any(each.job.attempt == attempt and each.doing in IS_TELLING for each in state.workers)


def _find(state: State, look: Look) -> Step:
    match state.execution(look.job.run).phase:
        case Phase.MISSING:
            return Step("the reconciler finds no execution", state._replace(look=look._replace(doing=Looking.SEND)))
        case Phase.CLOSED:
            restarts = look._replace(doing=Looking.RESTART)
            return Step("the reconciler finds the execution closed", state._replace(look=restarts))
        case _:
            return Step("the reconciler finds the execution open", state._replace(look=None))


def _send_again(design: Design, state: State, look: Look) -> Step:
    done = state._replace(look=None)
    if write(design, state, "postpone", look.job) is None:
        return Step("the reconciler finds that the job has gone on", done)
    return Step(f"the reconciler sends the start of run {look.job.run}", _with_start(done, look.job.run))


def _send_next(state: State, look: Look) -> Step:
    """The start of the run after the one that was read; its own execution is stopped next."""
    run = state.row.run if state.row.run == look.job.run else look.job.run + 1
    stops = look._replace(doing=Looking.STOP)
    return Step(f"the reconciler sends the start of run {run}", _with_start(state._replace(look=stops), run))


def _change(design: Design, state: State, look: Look) -> Step:
    job = look.job
    values = end_of_attempt(job)
    if look.doing is not Looking.GIVE_UP:
        values |= next_run(design, state.row)
    if look.doing is Looking.RECOVER:
        values["recoveries"] = state.row.recoveries + 1
    changed = write(design, state, str(look.doing), job, **values)
    if changed is None:
        return Step(f"the reconciler may not {look.doing}", state._replace(look=None))
    doing = Looking.STOP if look.doing is Looking.GIVE_UP else Looking.SEND_NEXT
    return Step(f"the reconciler makes the job {look.doing}", changed._replace(look=look._replace(doing=doing)))


def _with_start(state: State, run: int) -> State:
    return state._replace(starts=state.starts | {run})


def steps_of_people(design: Design, state: State) -> Iterator[Step]:
    """What people ask for, and how the API goes on with it."""
    if state.events and len(state.requests) < PEOPLE:
        if may_cancel(state.row.status):
            asked = state.with_request(None, Request(Asking.CANCEL, read(state.row)))
            yield Step("a person asks to cancel", asked, Event.CANCEL)
        if may_retry(state.row.status):
            asked = state.with_request(None, Request(Asking.RETRY, read(state.row)))
            yield Step("a person asks to retry", asked, Event.RETRY)
    for request in dict.fromkeys(state.requests):
        if state.events:
            killed = state.with_request(request, None)
            yield Step(f"the API is killed; its next step was: {request.doing.value}", killed, Event.KILL)
        yield from _answer(design, state, request)


def _answer(design: Design, state: State, request: Request) -> Iterator[Step]:
    run, done = request.job.run, state.with_request(request, None)
    match request.doing:
        case Asking.CANCEL:
            yield _cancel(design, state, request)
        case Asking.RETRY:
            yield _retry(design, state, request)
        case Asking.SEND:
            yield Step(f"the API sends the start of run {run}", _with_start(done, run))
        case Asking.STOP:
            yield Step(f"the API stops the execution of run {run}", stop(done, run))
            yield Step(f"the API's stop of run {run} is lost", done, Event.LOST_STOP)


def _cancel(design: Design, state: State, request: Request) -> Step:
    """Refused, the row is read again: the job may be cancelled as it is now, or be so already."""
    cancelled = write(design, state, "cancel", request.job, **end_of_attempt(request.job))
    if cancelled is not None:
        run = cancelled.row.run
        stops = cancelled.with_request(request, Request(Asking.STOP, Known(run=run)))
        return Step(f"the API cancels run {run}", stops._replace(cancelled=state.cancelled | {run}))
    done = state.with_request(request, None)
    if state.row.status is Status.CANCELLED or not design.refused_cancel_is_read_again:
        known = done._replace(cancelled=state.cancelled | {state.row.run})
        return Step(f"the API finds run {state.row.run} cancelled, and says so", known)
    if may_cancel(state.row.status):
        again = state.with_request(request, Request(Asking.CANCEL, read(state.row)))
        return Step("the API may not cancel the job as read, and reads it again", again)
    return Step("the API refuses to cancel", done)


def _retry(design: Design, state: State, request: Request) -> Step:
    values = next_run(design, state.row) | {"recoveries": 0, "slices": 0, "result": None}
    retried = write(design, state, "retry", request.job, **values)
    if retried is None:
        return Step("the API refuses to retry", state.with_request(request, None))
    sends = retried.with_request(request, Request(Asking.SEND, Known(run=retried.row.run)))
    return Step(f"the API retries: run {retried.row.run}", sends)
