"""A message among the dead letters: it never reached a claim, so its job ends, and its execution."""

from jobmill.jobs.lifecycle import Lifecycle, is_poisoned
from jobmill.jobs.status import FINAL
from jobmill.log import logger
from jobmill.processing.attempt import Message
from jobmill.processing.machine import Machine
from jobmill.projects.dead_letters import remember


def end_dead_letter(message: Message, lifecycle: Lifecycle, machine: Machine) -> None:
    """End the message's job as Failed `poison`, unless it has gone on without the message. Safe to repeat.

    The execution is told last, so that a repeat after a crash finds the rest to do.
    """
    job = lifecycle.poison(message.job_id, message.run, message.pass_)
    is_over = job is None or job.run != message.run or job.status in FINAL
    if job is not None and is_poisoned(job):
        remember(job)
    else:
        logger.info("dead letter dropped", job_id=message.job_id, run=message.run, status=job and job.status)
    if is_over:
        machine.succeed(message.token)
