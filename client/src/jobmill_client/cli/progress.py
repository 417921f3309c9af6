"""Progress on stderr: a bar on a terminal, a few plain lines anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)

from jobmill_client.cli.display import plain
from jobmill_client.models import Job

LINE_STEP_PERCENT = 10
"""Without a terminal a line is written for each new status and each step of this size."""


def _has_bars(err: Console) -> bool:
    """Whether bars may be drawn; not by `FORCE_COLOR`, which is about colours."""
    return err.file.isatty() and not err.is_dumb_terminal


@contextmanager
def transferring(err: Console, sentence: str, size_bytes: int) -> Iterator[Callable[[int], None]]:
    """Show how much of a file has gone; yields what is to be told the bytes so far."""
    if not _has_bars(err):
        err.print(f"{plain(sentence)} ({size_bytes:,} bytes)", soft_wrap=True)
        yield lambda _done: None
        return
    text = TextColumn("{task.description}", markup=False)
    columns = (text, BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(plain(sentence), total=size_bytes)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def watching(err: Console) -> Iterator[Callable[[Job], None]]:
    """Show a job on its way; yields what is to be told each change of it."""
    if not _has_bars(err):
        yield _lines(err)
        return
    text = TextColumn("{task.description}", markup=False)
    with Progress(text, BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=err, transient=True) as bar:
        task = bar.add_task("", total=100)
        yield lambda job: bar.update(task, description=_sentence(job), completed=job.progress)


def _lines(err: Console) -> Callable[[Job], None]:
    told: list[tuple[str, int]] = []

    def tell(job: Job) -> None:
        step = (job.status, job.progress // LINE_STEP_PERCENT)
        if step not in told[-1:]:
            told.append(step)
            err.print(f"{_sentence(job)} {job.progress} %", soft_wrap=True)

    return tell


def _sentence(job: Job) -> str:
    return plain(f"{job.type} {job.status}" + (f" · {job.message}" if job.message else ""))
