"""The steps of the dispatcher and of Step Functions: `functions/dispatcher`, `statemachines/job.asl.json`, Settle."""

from collections.abc import Iterator

from jobmill.jobs.status import ACTIVE, Status
from tests.model.design import Design, end_of_attempt, read, write
from tests.model.state import Event, Execution, Message, Phase, State, Step

RETRIES = 1
"""How often the machine sends a job again that met trouble: five in the shipped file, fewer for fewer states."""


def report_end(state: State, message: Message) -> State:
    """SendTaskSuccess with a message's token; a token that nobody waits for changes nothing."""
    execution = state.execution(message.run)
    if execution.phase is not Phase.WAITING or execution.pass_ != message.pass_:
        return state
    return state.with_execution(message.run, execution._replace(phase=Phase.CLOSED))


def report_next(state: State, message: Message, *, is_slice: bool) -> State | None:
    """SendTaskFailure with a message's token: the next pass, or Settle. None: nobody waits for the token."""
    execution = state.execution(message.run)
    if execution.phase is not Phase.WAITING or execution.pass_ != message.pass_:
        return None
    if not is_slice and execution.retries == RETRIES:
        return state.with_execution(message.run, execution._replace(phase=Phase.SETTLING))
    retries = execution.retries + (0 if is_slice else 1)
    sending = Execution(Phase.SENDING, execution.pass_ + 1, retries)
    return state.with_execution(message.run, sending)


def stop(state: State, run: int) -> State:
    """StopExecution: nothing to do for one that is closed, or never began."""
    execution = state.execution(run)
    return state.with_execution(run, execution._replace(phase=Phase.CLOSED)) if execution.is_open else state


def steps_of_machine(design: Design, state: State) -> Iterator[Step]:
    """What the dispatcher and each execution may do next."""
    for run in sorted(state.starts):
        yield from _dispatch(state, run)
    for run, execution in enumerate(state.executions, start=1):
        yield from _settle(design, state, run, execution)
        if not execution.is_open:
            continue
        if state.events:
            yield Step(f"somebody stops the execution of run {run}", stop(state, run), Event.STOP)
        if execution.phase is Phase.SENDING:
            yield from _send(state, run, execution)
        if execution.phase is Phase.WAITING and state.events:
            timed_out = execution._replace(phase=Phase.SETTLING, timed_out=True)
            yield Step(f"the machine of run {run} times out", state.with_execution(run, timed_out), Event.TIMEOUT)


def _dispatch(state: State, run: int) -> Iterator[Step]:
    taken = state._replace(starts=state.starts - {run})
    yield Step(f"the start of run {run} is lost", taken, Event.LOST_START)
    if state.execution(run).phase is not Phase.MISSING:
        yield Step(f"the dispatcher finds that run {run} has been started", taken)
        return
    started = Execution(Phase.SENDING)
    yield Step(f"the dispatcher starts run {run}", taken.with_execution(run, started))
    yield Step(f"the dispatcher starts run {run}, a copy stays", state.with_execution(run, started), Event.DUPLICATE)


def _send(state: State, run: int, execution: Execution) -> Iterator[Step]:
    pass_ = execution.pass_
    sent = state._replace(messages=tuple(sorted((*state.messages, Message(run, pass_)))))
    name = f"the machine sends message {pass_} of run {run}"
    yield Step(name, sent.with_execution(run, execution._replace(phase=Phase.WAITING)))
    again = execution._replace(pass_=pass_ + 1)
    yield Step(f"{name}, and does not hear of it", sent.with_execution(run, again), Event.SEND_ERROR)


def _settle(design: Design, state: State, run: int, execution: Execution) -> Iterator[Step]:
    """The function reads the row, decides, and writes; refused, it reads again."""
    row = state.row
    closed = execution._replace(phase=Phase.CLOSED, settle=None)
    if execution.settle is not None:
        settled = write(design, state, "settle", execution.settle, **end_of_attempt(execution.settle))
        if settled is not None:
            yield Step(f"Settle fails run {run}", settled.with_execution(run, closed))
        elif execution.is_open:
            yield Step(f"Settle of run {run} is refused", state.with_execution(run, execution._replace(settle=None)))
        else:
            yield Step(f"Settle of run {run} is refused", state.with_execution(run, closed))
    elif execution.phase is Phase.SETTLING:
        still_works = execution.timed_out and row.status is Status.RUNNING and design.settle_spares_workers
        if row.run != run or row.status not in ACTIVE or still_works:
            yield Step(f"Settle finds nothing to do for run {run}", state.with_execution(run, closed))
        else:
            reads = execution._replace(settle=read(row))
            yield Step(f"Settle of run {run} reads the row", state.with_execution(run, reads))
