"""The judgement of a chaos run: every invariant, over the evidence alone."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.chaos.callers import calls
from tests.chaos.evidence import CANCELLED, COMPLETED, FAILED, FINAL, QUEUED, RUNNING, Evidence, Image, Version
from tests.chaos.work import Wanted, digest

CLOCK_TOLERANCE_MS = 100
"""Two processes of one machine take their times: an object's end of storing and a job's completion."""
PASSING_ERRORS = frozenset(
    {"crashed", "worker-lost", "dependency-unavailable", "not-delivered", "dataset-busy", "poison"}
)
"""How a job may fail though nothing was wrong with it: what carries it was away too often."""


@dataclass(frozen=True)
class Violation:
    """An invariant that does not hold: its name, of what (a job, a version, a project), and what was seen."""

    invariant: str
    of: str
    seen: str


type _Judgement = Callable[[Evidence], Iterator[Violation]]


def judge(evidence: Evidence) -> list[Violation]:
    """Everything that is wrong with the run."""
    return [violation for judgement in JUDGEMENTS for violation in judgement(evidence)]


def lost(evidence: Evidence) -> Iterator[Violation]:
    """Every accepted job is in the table."""
    for job_id in evidence.accepted:
        if job_id not in evidence.rows or job_id not in evidence.images:
            yield Violation("lost", job_id, "accepted, and not in the table or its stream")


def stuck(evidence: Evidence) -> Iterator[Violation]:
    """Every job has ended."""
    for job_id, row in evidence.rows.items():
        if row.status not in FINAL:
            yield Violation("stuck", job_id, f"{row.status}, run {row.run}")


def legal(evidence: Evidence) -> Iterator[Violation]:
    """Only the changes of the table of changes were written, and the table holds the last of them."""
    for job_id, images in evidence.images.items():
        first = images[0]
        if (first.status, first.version, first.run, first.attempt) != (QUEUED, 1, 1, 0):
            yield Violation("illegal-change", job_id, f"began as {first.status}, version {first.version}")
        for before, after in pairwise(images):
            if not is_legal(before, after):
                yield Violation("illegal-change", job_id, f"{_told(before)} to {_told(after)}")
        row = evidence.rows.get(job_id)
        if row and row != images[-1]:
            yield Violation(
                "illegal-change", job_id, f"the stream ends with {_told(images[-1])}, the row is {_told(row)}"
            )


def is_legal(before: Image, after: Image) -> bool:
    """Whether the table of changes (docs/architecture.md) has this one; the row's owner and lease are not looked at."""
    runs, attempts = after.run - before.run, after.attempt - before.attempt
    if after.version - before.version != (before.status != after.status):
        return False
    if not runs and (after.progress or 0) < (before.progress or 0):
        return False
    return (before.status, after.status, runs, attempts) in _LEGAL


_LEGAL = frozenset(
    {
        (QUEUED, RUNNING, 0, 1),  # claim
        (RUNNING, RUNNING, 0, 0),  # renew, postpone
        (QUEUED, QUEUED, 0, 0),  # told, postpone
        (QUEUED, QUEUED, 1, 0),  # restart
        (RUNNING, QUEUED, 0, 0),  # release
        (RUNNING, QUEUED, 1, 0),  # recover
        (RUNNING, COMPLETED, 0, 0),
        (RUNNING, FAILED, 0, 0),
        (QUEUED, FAILED, 0, 0),  # settle
        (QUEUED, CANCELLED, 0, 0),
        (RUNNING, CANCELLED, 0, 0),
        (FAILED, QUEUED, 1, 0),  # retry
        (CANCELLED, QUEUED, 1, 0),
    }
)


def _told(image: Image) -> str:
    return f"{image.status} (version {image.version}, run {image.run}, attempt {image.attempt})"


def ended_twice(evidence: Evidence) -> Iterator[Violation]:
    """A run ends at most once."""
    for job_id, images in evidence.images.items():
        ends = Counter(after.run for before, after in pairwise(images) if after.status in FINAL and after != before)
        for run, times in ends.items():
            if times > 1:
                yield Violation("ended-twice", job_id, f"run {run} ended {times} times")


def results(evidence: Evidence) -> Iterator[Violation]:
    """A result is there exactly when a job is Completed; it is right, and was stored before the job said so."""
    for job_id, row in evidence.rows.items():
        wanted = evidence.accepted.get(job_id)
        if row.status != COMPLETED and (row.result is not None or (row.reports and row.status != FAILED)):
            yield Violation("wrong-result", job_id, f"{row.status}, with a result")
        if row.status == COMPLETED and wanted:
            for seen in _wrong(evidence, row, wanted):
                yield Violation("wrong-result", job_id, seen)


def _wrong(evidence: Evidence, row: Image, wanted: Wanted) -> Iterator[str]:
    if row.result is None:
        yield "Completed, without a result"
    elif wanted.error_code:
        yield f"Completed, and should have failed with {wanted.error_code}"
    elif wanted.rows is not None:
        yield from _wrong_import(evidence, row, wanted)
    else:
        yield from _wrong_export(evidence, row, wanted)


def _wrong_import(evidence: Evidence, row: Image, wanted: Wanted) -> Iterator[str]:
    mine = [version for version in evidence.versions if version.job_id == row.job_id]
    named = (wanted.params["dataset"], (row.result or {}).get("version"))
    if [(version.dataset, version.version) for version in mine] != [named]:
        yield f"names version {named}, and made {[(version.dataset, version.version) for version in mine]}"
        return
    (version,) = mine
    content, rows = evidence.contents.get(version.manifest_key), wanted.rows or ()
    if content is None:
        yield "its dataset cannot be read"
    elif (content.rows, content.digest) != (len(rows), digest(rows)):
        yield f"{content.rows} rows, {content.distinct} different ones, of a file of {len(rows)}, or in another order"
    yield from _stored_late(evidence, row, version.manifest_key)


def _wrong_export(evidence: Evidence, row: Image, wanted: Wanted) -> Iterator[str]:
    if len(row.reports) != 1:
        yield f"{len(row.reports)} reports"
    for report in row.reports:
        there = evidence.report_digests.get(report["key"])
        if there != report["sha256"]:
            yield f"its report is {'missing' if there is None else 'another one than listed'}"
        elif there != wanted.report_sha256:
            yield "its report is not that of an undisturbed job"
        yield from _stored_late(evidence, row, report["key"])


def _stored_late(evidence: Evidence, row: Image, key: str) -> Iterator[str]:
    if f"/{row.run}-{row.attempt}/" not in key:
        yield f"its file {key} is of another attempt than {row.run}-{row.attempt}"
    stored_at = evidence.stored_at.get(key)
    if stored_at is None or stored_at > (row.completed_at or 0) + CLOCK_TOLERANCE_MS:
        yield "it was Completed before its file was stored"


def rows_twice(evidence: Evidence) -> Iterator[Violation]:
    """No row is in a dataset twice, and no version was written twice."""
    for version in evidence.versions:
        content = evidence.contents.get(version.manifest_key)
        if content and content.distinct != content.rows:
            yield Violation("rows-twice", _name(version), f"{content.rows} rows, {content.distinct} of them different")
    for name, times in evidence.version_writes.items():
        if times > 1:
            yield Violation("rows-twice", name, f"the version was written {times} times")


def versions(evidence: Evidence) -> Iterator[Violation]:
    """Each version is one Completed job's, and the numbers have no gap."""
    numbers: dict[tuple[str, str], list[int]] = {}
    makers = Counter(version.job_id for version in evidence.versions)
    for version in evidence.versions:
        numbers.setdefault((version.project_id, version.dataset), []).append(version.version)
        maker = evidence.rows.get(version.job_id)
        if maker is None or maker.status != COMPLETED:
            yield Violation("wrong-version", _name(version), f"of the job {version.job_id}, which did not complete")
        if makers[version.job_id] > 1:
            yield Violation("wrong-version", _name(version), f"its job made {makers[version.job_id]} versions")
    for (project_id, dataset), there in numbers.items():
        if sorted(there) != list(range(1, len(there) + 1)):
            yield Violation("wrong-version", f"{project_id}/{dataset}", f"versions {sorted(there)}")


def _name(version: Version) -> str:
    return f"{version.project_id}/{version.dataset}/{version.version}"


def cancels(evidence: Evidence) -> Iterator[Violation]:
    """What was answered as cancelled is cancelled, and stays so until it is retried."""
    for answer in calls(evidence.answers, "cancel"):
        images = evidence.images.get(answer.job_id, [])
        cancelled = [image for image in images if image.status == CANCELLED and image.updated_at <= answer.answered_at]
        if not cancelled:
            yield Violation("completed-after-cancel", answer.job_id, "a cancel was answered and is nowhere written")
        for cancel in cancelled:
            same_run = images[images.index(cancel) + 1 :]
            after = next((image for image in same_run if image.run == cancel.run and image.status != CANCELLED), None)
            if after:
                yield Violation("completed-after-cancel", answer.job_id, f"after the cancel: {_told(after)}")


def retries(evidence: Evidence) -> Iterator[Violation]:
    """What was answered as retried had its next run."""
    for answer in calls(evidence.answers, "retry"):
        images = evidence.images.get(answer.job_id, [])
        times = [
            after.updated_at
            for before, after in pairwise(images)
            if before.status in (FAILED, CANCELLED) and after.status == QUEUED
        ]
        if not any(answer.asked_at - CLOCK_TOLERANCE_MS <= at <= answer.answered_at for at in times):
            yield Violation("lost", answer.job_id, "a retry was answered and is nowhere written")


def failures(evidence: Evidence) -> Iterator[Violation]:
    """A job that failed had a reason: its own, or one that passes."""
    for job_id, row in evidence.rows.items():
        wanted = evidence.accepted.get(job_id)
        if row.status == FAILED and wanted and row.error_code not in PASSING_ERRORS | {wanted.error_code}:
            yield Violation("wrong-result", job_id, f"failed with {row.error_code}, wanted {wanted.kind}")


def counters(evidence: Evidence) -> Iterator[Violation]:
    """The API's counts of each project are those of its jobs."""
    for project_id, told in evidence.counts.items():
        there = Counter(row.status for row in evidence.rows.values() if row.project_id == project_id)
        if {status: number for status, number in told.items() if number} != dict(there):
            yield Violation("wrong-count", project_id, f"{told}, and there are {dict(there)}")


def accepted_only(evidence: Evidence) -> Iterator[Violation]:
    """No submit made two jobs: each job in the table is one that was accepted."""
    for job_id in evidence.rows.keys() - evidence.accepted.keys() - evidence.prepared:
        yield Violation("submitted-twice", job_id, "in the table, and its id was never answered")


def leftovers(evidence: Evidence) -> Iterator[Violation]:
    """What still lies in a queue or waits in a machine is of a run that is over."""
    for message in evidence.leftovers:
        if _is_under_way(evidence.rows.get(message.job_id), message.run):
            yield Violation("stuck", message.job_id, f"its message of run {message.run} lies in {message.queue}")
    for execution in evidence.open_executions:
        yield Violation("open-execution", execution, "goes on, though its job has ended")


def _is_under_way(row: Image | None, run: int) -> bool:
    return row is not None and row.status not in FINAL and row.run == run


JUDGEMENTS: Sequence[_Judgement] = (
    lost, stuck, legal, ended_twice, results, rows_twice, versions, cancels, retries, failures, counters,
    accepted_only, leftovers,
)  # fmt: skip
