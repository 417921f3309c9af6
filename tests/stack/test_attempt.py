"""One attempt: claim → work → complete → report, on the real store; only the machine's ear is a recorder."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from jobmill.errors import CallerError, DependencyError
from jobmill.jobs.job import Job
from jobmill.jobs.rows import JobRow
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import Status
from jobmill.processing.attempt import Message, Tools, run_attempt
from jobmill.processing.context import Context
from jobmill.processing.registry import Result
from jobmill.times import iso
from tests.stack import builders
from tests.stack.attempts import AnyParams, Ear, attempt, delivery, wait_until_stopped, work_with
from tests.stack.conftest import BUCKETS
from tests.stack.http import call

pytestmark = pytest.mark.usefixtures("cloud")


@pytest.mark.requirement("J12")
@pytest.mark.requirement("J13")
def test_work_that_returns_completes_the_job_and_tells_the_machine(kit: Tools, ear: Ear) -> None:
    done = attempt(builders.queued(), lambda context: {"rows": 3}, kit)
    assert (done.status, done.progress, done.result) == (Status.COMPLETED, 100, {"rows": 3})
    assert [str(each.outcome) for each in done.attempts] == ["completed"]
    assert ear.told == ["success token"]


@pytest.mark.requirement("J13")
def test_an_error_of_the_input_fails_the_job_with_its_code(kit: Tools, ear: Ear) -> None:
    def work(context: Context[AnyParams]) -> Result:
        raise CallerError("empty-file", "The file is empty.", details="0 bytes")

    error = attempt(builders.queued(), work, kit).error
    assert error is not None
    assert (error.code, error.message, error.details) == ("empty-file", "The file is empty.", "0 bytes")
    assert (error.kind, error.retryable) == ("input", False)
    assert ear.told == ["success token"]


@pytest.mark.parametrize(
    ("broken", "status", "code"),
    [
        (ZeroDivisionError("secret"), Status.FAILED, "internal-error"),
        (
            ClientError({"Error": {"Code": "SlowDown", "Message": "secret"}}, "GetObject"),
            Status.QUEUED,
            "dependency-unavailable",
        ),
    ],
)
def test_a_bug_fails_the_job_and_a_dependency_s_failure_gives_it_back_and_neither_tells_secrets(
    broken: Exception, status: Status, code: str, kit: Tools
) -> None:
    def work(context: Context[AnyParams]) -> Result:
        raise broken

    job = attempt(builders.queued(), work, kit)
    error = job.attempts[0].error
    assert error is not None
    assert (job.status, error.code, error.retryable) == (status, code, status is Status.QUEUED)
    assert "secret" not in repr(job)


def test_parameters_that_the_type_no_longer_takes_fail_the_job(kit: Tools) -> None:
    failed = attempt(builders.queued(old="x"), lambda context: {}, kit)
    assert failed.error is not None
    assert (failed.error.code, failed.error.kind) == ("invalid-params", "input")


@pytest.mark.requirement("J13")
def test_a_cancel_stops_work_that_only_an_interrupt_ends_and_stays_final(kit: Tools, ear: Ear) -> None:
    job = builders.queued()

    def work(context: Context[AnyParams]) -> Result:
        lifecycle().cancel(store().get(job.id))
        return wait_until_stopped(context)

    assert attempt(job, work, kit).status is Status.CANCELLED
    assert ear.told == ["success token"]


def test_work_that_ignores_its_cancellation_completes_nothing(kit: Tools) -> None:
    job = builders.queued()

    def work(context: Context[AnyParams]) -> Result:
        lifecycle().cancel(store().get(job.id))
        return {"rows": 3}

    ended = attempt(job, work, kit)
    assert (ended.status, ended.result) == (Status.CANCELLED, None)


def test_work_past_its_run_limit_is_stopped_and_fails_as_a_timeout(kit: Tools) -> None:
    job = lifecycle().create_job(
        type="Import", project_id="demo", created_by="u", run_limit=timedelta(milliseconds=30), params={}
    )
    error = attempt(job, wait_until_stopped, kit).error
    assert error is not None
    assert (error.code, error.message, error.kind) == ("run-limit", "Import timeout", "timeout")
    assert error.details


def test_progress_is_written_never_goes_down_and_is_100_only_at_the_end(kit: Tools) -> None:
    seen: list[int | None] = []

    def work(context: Context[AnyParams]) -> Result:
        for done in (10, 50, 30, 100):
            context.progress(done, 100, f"at {done}")
            deadline = threading.Event()
            while store().get(context.job.id).progress_message != f"at {done}":
                assert not deadline.wait(0.01)
            seen.append(store().get(context.job.id).progress)
        return {}

    assert attempt(builders.queued(), work, kit).progress == 100
    assert seen == [10, 50, 50, 99]


def test_the_lease_is_renewed_while_the_work_goes_on(kit: Tools) -> None:
    quick = replace(kit, settings=replace(kit.settings, lease_renewal=timedelta(0)))

    def work(context: Context[AnyParams]) -> Result:
        while store().get(context.job.id).lease_until == context.job.lease_until:
            threading.Event().wait(0.01)
        return {}

    assert attempt(builders.queued(), work, quick).status is Status.COMPLETED


@pytest.mark.parametrize(
    ("job", "told"),
    [
        (builders.running, []),
        (builders.completed, ["success token"]),
        (builders.cancelled, ["success token"]),
        (lambda: lifecycle().retry(builders.failed(), {}), ["success token"]),
    ],
)
def test_a_message_that_may_not_claim_is_dropped_and_a_leftover_execution_is_ended(
    job: Callable[[], Job], told: list[str], kit: Tools, ear: Ear
) -> None:
    before = job()

    def work(context: Context[AnyParams]) -> Result:
        raise AssertionError("claimed")

    assert attempt(before, work, kit) == before
    assert ear.told == told


def test_a_message_of_a_job_that_is_gone_ends_its_execution(kit: Tools, ear: Ear) -> None:
    job = builders.queued()
    JobRow.get(f"job#{job.id}", "job").delete()
    run_attempt(Message(job.id, 1, 0, "token"), work_with(lambda context: {}), delivery("owner"), kit)
    assert ear.told == ["success token"]


def test_a_token_that_nobody_waits_for_counts_as_told_and_other_failures_do_not(kit: Tools, ear: Ear) -> None:
    ear.error = "TaskTimedOut"
    assert attempt(builders.queued(), lambda context: {}, kit).status is Status.COMPLETED
    ear.error = "AccessDeniedException"
    with pytest.raises(ClientError):
        attempt(builders.queued(), lambda context: {}, kit)


def test_a_claim_that_the_store_could_not_take_is_sent_again_by_the_machine(
    kit: Tools, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = builders.queued()
    boto3.client("dynamodb").delete_table(TableName=kit.settings.table)
    run_attempt(Message(job.id, 1, 0, "token"), work_with(lambda context: {}), delivery("owner"), kit)
    assert ear.told == ["Job.Retryable token"]


@pytest.mark.requirement("C4")
def test_a_report_is_in_s3_and_listed_with_its_digest_and_expiry(kit: Tools) -> None:
    def work(context: Context[AnyParams]) -> Result:
        path = context.workspace / "file"
        path.write_bytes(b"abc")
        context.report(path, "Übersicht 1.csv", "exports")
        return {}

    done = attempt(builders.queued(), work, kit)
    (report,) = done.reports
    assert (report.name, report.size_bytes, report.content_type) == ("Übersicht 1.csv", 3, "text/csv; charset=utf-8")
    assert report.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert report.key == f"exports/exports/id-of-demo/{done.id}/1-1/Ubersicht-1.csv"
    (shown,) = call("GET", f"/api/jobs/{done.id}").body["reports"]
    assert shown["expiresAt"] == iso(done.expires_at or done.created_at)
    s3 = boto3.client("s3")
    bucket = BUCKETS["S3_REPORTS_BUCKET"]
    assert s3.get_object(Bucket=bucket, Key=report.key)["Body"].read() == b"abc"
    tags = s3.get_object_tagging(Bucket=bucket, Key=report.key)["TagSet"]
    assert tags == [{"Key": "retention", "Value": "job"}]


def reported_before(error: Exception) -> Callable[[Context[AnyParams]], Result]:
    """Work that stores a report and then fails."""

    def work(context: Context[AnyParams]) -> Result:
        path = context.workspace / "file"
        path.write_bytes(b"abc")
        context.report(path, "errors.csv", "exports")
        raise error

    return work


def test_the_reports_of_an_attempt_that_the_input_failed_are_listed_until_a_retry(kit: Tools) -> None:
    failed = attempt(builders.queued(), reported_before(CallerError("x", "No.")), kit)
    (report,) = failed.reports
    assert (failed.status, report.name) == (Status.FAILED, "errors.csv")
    (shown,) = call("GET", f"/api/jobs/{failed.id}").body["reports"]
    assert call("GET", shown["url"].removeprefix("https://jobs.example.com")).status == 302
    lifecycle().retry(failed, failed.params)
    assert store().get(failed.id).reports == ()


@pytest.mark.parametrize("error", [RuntimeError("ours"), DependencyError("busy", "It is busy.")])
def test_the_reports_of_an_attempt_that_broke_otherwise_are_not_listed(kit: Tools, error: Exception) -> None:
    broken = attempt(builders.queued(), reported_before(error), kit)
    assert (broken.status is Status.COMPLETED, broken.reports) == (False, ())


def test_the_workspace_is_empty_at_first_and_gone_after(kit: Tools) -> None:
    seen: list[Path] = []

    def work(context: Context[AnyParams]) -> Result:
        seen.append(context.workspace)
        assert list(context.workspace.iterdir()) == []
        (context.workspace / "left").write_text("x")
        return {}

    attempt(builders.queued(), work, kit)
    assert not seen[0].exists()
