"""The checker passes whole evidence, and each judgement fails on evidence broken in its own way."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.callers import Answer
from tests.chaos.checker import Violation, is_legal, judge
from tests.chaos.evidence import (
    CANCELLED,
    COMPLETED,
    FAILED,
    QUEUED,
    RUNNING,
    Content,
    Evidence,
    Image,
    Leftover,
    Version,
)
from tests.chaos.work import Wanted, digest

ROWS = [(1, "one"), (2, "two")]
IMPORT, EXPORT, BAD, STOPPED = "import", "export", "bad", "stopped"
MANIFEST, REPORT = "datasets/demo/data/import/1-1/manifest.json", "exports/me/export/1-1/base.csv"
REPORTS = ({"key": REPORT, "sha256": "abc"},)


def story(job_id: str, *steps: Image) -> list[Image]:
    return [replace(step, job_id=job_id) for step in steps]


def image(status: str, version: int, *, run: int = 1, attempt: int = 1, at: int = 0, **more: object) -> Image:
    base = Image(job_id="", project_id="demo", type="Import", status=status, version=version, run=run,
                 attempt=attempt, updated_at=at)  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


BEGUN = (image(QUEUED, 1, attempt=0, at=1), image(RUNNING, 2, at=2))


def whole() -> Evidence:
    """An import, an export, a job that had to fail, and a cancelled one that was retried: all as it should be."""
    images = {
        IMPORT: story(IMPORT, *BEGUN, image(COMPLETED, 3, at=9, completed_at=9, result={"version": 1})),
        EXPORT: story(EXPORT, *BEGUN, image(COMPLETED, 3, at=9, completed_at=9, result={}, reports=REPORTS)),
        BAD: story(BAD, *BEGUN, image(FAILED, 3, at=9, completed_at=9, error_code="header-only")),
        STOPPED: story(
            STOPPED,
            *BEGUN,
            image(CANCELLED, 3, at=3, completed_at=3),
            image(QUEUED, 4, run=2, at=5),
            image(CANCELLED, 5, run=2, at=8, completed_at=8),
        ),
    }
    data = {"dataset": "data"}
    return Evidence(
        accepted={
            IMPORT: Wanted("import", "demo", "Import", data, rows=ROWS),
            EXPORT: Wanted("export", "demo", "Export", {}, report_sha256="abc"),
            BAD: Wanted("bad-file", "demo", "Import", data, error_code="header-only"),
            STOPPED: Wanted("import", "demo", "Import", data, rows=ROWS),
        },
        answers=[
            Answer("cancel", STOPPED, 2, 4),
            Answer("retry", STOPPED, 5, 6),
            Answer("cancel", STOPPED, 7, 9),
        ],
        images=images,
        rows={job_id: each[-1] for job_id, each in images.items()},
        versions=[Version("demo", "data", 1, IMPORT, MANIFEST)],
        version_writes={"demo/data/1": 1},
        contents={MANIFEST: Content(2, 2, digest(ROWS))},
        report_digests={REPORT: "abc"},
        stored_at={MANIFEST: 8, REPORT: 8},
        counts={"demo": {QUEUED: 0, RUNNING: 0, COMPLETED: 2, FAILED: 1, CANCELLED: 1}},
        leftovers=[Leftover("ImportQueue", IMPORT, 1)],
    )


def rewrite(evidence: Evidence, job_id: str, *images: Image) -> None:
    evidence.images[job_id] = story(job_id, *images)
    evidence.rows[job_id] = evidence.images[job_id][-1]


def test_whole_evidence_is_in_order() -> None:
    assert judge(whole()) == []


def forget(evidence: Evidence) -> None:
    del evidence.rows[BAD], evidence.images[BAD]


def never_end(evidence: Evidence) -> None:
    rewrite(evidence, BAD, *BEGUN)


def end_twice(evidence: Evidence) -> None:
    end = image(FAILED, 3, at=9, error_code="header-only")
    rewrite(evidence, BAD, *BEGUN, end, replace(end, status=CANCELLED, version=4))


def complete_after_cancel(evidence: Evidence) -> None:
    cancelled = image(CANCELLED, 3, at=3)
    rewrite(evidence, STOPPED, *BEGUN, cancelled, image(COMPLETED, 4, at=5, result={"version": 1}))


def complete_despite_cancel(evidence: Evidence) -> None:
    rewrite(evidence, STOPPED, *BEGUN, image(COMPLETED, 3, at=5, result={"version": 1}))


def change_a_row_beside_the_stream(evidence: Evidence) -> None:
    evidence.rows[BAD] = replace(evidence.rows[BAD], version=7)


def begin_as_running(evidence: Evidence) -> None:
    rewrite(evidence, BAD, *whole().images[BAD][1:])


def lose_the_result(evidence: Evidence) -> None:
    rewrite(evidence, EXPORT, *BEGUN, image(COMPLETED, 3, at=9, completed_at=9, reports=REPORTS))


def keep_a_result_of_a_failure(evidence: Evidence) -> None:
    rewrite(evidence, BAD, *BEGUN, image(FAILED, 3, error_code="header-only", result={"version": 2}))


def complete_what_had_to_fail(evidence: Evidence) -> None:
    rewrite(evidence, BAD, *BEGUN, image(COMPLETED, 3, result={}))


def fail_for_no_reason(evidence: Evidence) -> None:
    rewrite(evidence, EXPORT, *BEGUN, image(FAILED, 3, error_code="internal-error"))


def lose_the_report(evidence: Evidence) -> None:
    evidence.report_digests.clear()


def replace_the_report(evidence: Evidence) -> None:
    evidence.report_digests[REPORT] = "other"


def report_of_another_content(evidence: Evidence) -> None:
    evidence.report_digests[REPORT] = "other"
    reports = ({"key": REPORT, "sha256": "other"},)
    rewrite(evidence, EXPORT, *BEGUN, image(COMPLETED, 3, at=9, completed_at=9, result={}, reports=reports))


def report_of_another_attempt(evidence: Evidence) -> None:
    later = image(COMPLETED, 5, attempt=2, at=9, completed_at=9, result={}, reports=REPORTS)
    rewrite(evidence, EXPORT, *BEGUN, image(QUEUED, 3, at=3), image(RUNNING, 4, attempt=2), later)


def store_after_completing(evidence: Evidence) -> None:
    evidence.stored_at[REPORT] = 500


def never_store(evidence: Evidence) -> None:
    del evidence.stored_at[MANIFEST]


def lose_the_dataset(evidence: Evidence) -> None:
    evidence.contents.clear()


def lose_a_row(evidence: Evidence) -> None:
    evidence.contents[MANIFEST] = Content(1, 1, digest(ROWS[:1]))


def turn_the_rows(evidence: Evidence) -> None:
    evidence.contents[MANIFEST] = Content(2, 2, digest(ROWS[::-1]))


def have_rows_twice(evidence: Evidence) -> None:
    evidence.contents[MANIFEST] = Content(4, 2, digest(ROWS * 2))


def write_a_version_twice(evidence: Evidence) -> None:
    evidence.version_writes["demo/data/1"] = 2


def publish_twice(evidence: Evidence) -> None:
    evidence.versions.append(Version("demo", "data", 2, IMPORT, MANIFEST))


def publish_what_did_not_complete(evidence: Evidence) -> None:
    evidence.versions.append(Version("demo", "data", 2, BAD, MANIFEST))


def lose_a_version(evidence: Evidence) -> None:
    evidence.versions[0] = replace(evidence.versions[0], version=3)


def forget_a_retry(evidence: Evidence) -> None:
    evidence.answers = [*evidence.answers, Answer("retry", BAD, 10, 11)]


def submit_twice(evidence: Evidence) -> None:
    evidence.accepted = {job_id: wanted for job_id, wanted in evidence.accepted.items() if job_id != STOPPED}


def miscount(evidence: Evidence) -> None:
    evidence.counts["demo"][QUEUED] = 1


def leave_a_message(evidence: Evidence) -> None:
    never_end(evidence)
    evidence.leftovers = [Leftover("ImportQueue", BAD, 1)]


def leave_an_execution(evidence: Evidence) -> None:
    evidence.open_executions = [f"{IMPORT}-1"]


@pytest.mark.parametrize(
    ("damage", "invariant"),
    [
        (forget, "lost"),
        (forget_a_retry, "lost"),
        (never_end, "stuck"),
        (leave_a_message, "stuck"),
        (end_twice, "ended-twice"),
        (complete_after_cancel, "completed-after-cancel"),
        (complete_despite_cancel, "completed-after-cancel"),
        (change_a_row_beside_the_stream, "illegal-change"),
        (begin_as_running, "illegal-change"),
        (lose_the_result, "wrong-result"),
        (keep_a_result_of_a_failure, "wrong-result"),
        (complete_what_had_to_fail, "wrong-result"),
        (fail_for_no_reason, "wrong-result"),
        (lose_the_report, "wrong-result"),
        (replace_the_report, "wrong-result"),
        (report_of_another_content, "wrong-result"),
        (report_of_another_attempt, "wrong-result"),
        (store_after_completing, "wrong-result"),
        (never_store, "wrong-result"),
        (lose_the_dataset, "wrong-result"),
        (lose_a_row, "wrong-result"),
        (turn_the_rows, "wrong-result"),
        (have_rows_twice, "rows-twice"),
        (write_a_version_twice, "rows-twice"),
        (publish_twice, "wrong-version"),
        (publish_what_did_not_complete, "wrong-version"),
        (lose_a_version, "wrong-version"),
        (submit_twice, "submitted-twice"),
        (miscount, "wrong-count"),
        (leave_an_execution, "open-execution"),
    ],
)
def test_broken_evidence_is_a_violation(damage: Callable[[Evidence], None], invariant: str) -> None:
    evidence = whole()
    damage(evidence)
    assert invariant in {violation.invariant for violation in judge(evidence)}


@pytest.mark.parametrize(
    "after",
    [
        image(RUNNING, 3, attempt=2),
        image(RUNNING, 2, run=2),
        image(COMPLETED, 2),
        image(COMPLETED, 3, attempt=2),
        image(QUEUED, 3, run=3),
        image(QUEUED, 3, attempt=2),
        image(RUNNING, 2, progress=10),
    ],
    ids=["claimed under a lease", "next run in place", "unversioned", "other attempt", "two runs", "an attempt more",
         "progress down"],
)  # fmt: skip
def test_a_change_that_is_not_in_the_table_of_changes_is_illegal(after: Image) -> None:
    assert not is_legal(image(RUNNING, 2, progress=20), after)


def test_a_violation_says_of_what_and_what_was_seen() -> None:
    evidence = whole()
    never_end(evidence)
    assert Violation("stuck", BAD, "Running, run 1") in judge(evidence)
