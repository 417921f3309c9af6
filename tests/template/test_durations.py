"""The chain of durations. Each link is held for the defaults, which every stack starts from."""

import json
from datetime import timedelta
from typing import Any

import pytest

from jobmill.aws import CONNECT_SECONDS, READ_SECONDS
from jobmill.jobs.job import MAX_RUN_LIMIT
from jobmill.live.pace import LEAST_SECONDS
from jobmill.live.services import PATIENCE
from jobmill.reports.storage import retention_tag
from jobmill.settings import FRESH_OF, read_settings
from tests.template.expansion import ROOT, Expansion, source


@pytest.fixture
def defaults() -> dict[str, int]:
    parameters = source()["Parameters"].items()
    return {name: int(value["Default"]) for name, value in parameters if value["Type"] == "Number"}


def test_a_message_stays_hidden_for_six_times_its_functions_timeout(defaults: dict[str, int]) -> None:
    assert defaults["VisibilitySeconds"] >= 6 * defaults["ProcessorTimeoutSeconds"]
    assert defaults["StartsVisibilitySeconds"] >= 6 * defaults["DispatcherTimeoutSeconds"]
    assert defaults["DeadLettersVisibilitySeconds"] >= 6 * defaults["DeadLettersTimeoutSeconds"]
    assert defaults["AnnouncementsVisibilitySeconds"] >= 6 * defaults["AnnouncerTimeoutSeconds"]


def test_the_machine_waits_for_as_long_as_a_message_can_live(defaults: dict[str, int]) -> None:
    message = defaults["MessageRetentionSeconds"] + defaults["VisibilitySeconds"]

    assert defaults["MachineTimeoutSeconds"] >= message + defaults["ProcessorTimeoutSeconds"]


def test_an_upload_outlives_every_message_that_may_wait_for_it(defaults: dict[str, int]) -> None:
    assert defaults["UploadRetentionDays"] * 86_400 >= defaults["MessageRetentionSeconds"] + 86_400


def test_a_run_ends_before_its_function_does(defaults: dict[str, int]) -> None:
    assert defaults["SliceSeconds"] < defaults["ProcessorTimeoutSeconds"] - 30


def test_a_lease_outlives_three_renewals(defaults: dict[str, int]) -> None:
    assert defaults["LeaseSeconds"] > 3 * defaults["LeaseRenewalSeconds"]


def test_an_upload_outlives_its_form(defaults: dict[str, int]) -> None:
    assert defaults["UploadRetentionDays"] * 86_400 > defaults["UploadFormSeconds"]


@pytest.mark.requirement("A11")
def test_a_reports_object_outlives_its_job_by_the_rule_of_its_tag(aws: Expansion, defaults: dict[str, int]) -> None:
    """A run may store its report a day before its end, the longest run limit that a caller can ask for."""
    rules = aws.of_type("AWS::S3::Bucket")["ReportsBucket"]["LifecycleConfiguration"]["Rules"]
    days = {
        f"{tag['Key']}={tag['Value']}": rule["ExpirationInDays"] for rule in rules for tag in rule.get("TagFilters", ())
    }
    for row in [*source()["Mappings"]["JobTypes"].values(), {"RetentionHours": "0"}]:
        kept = timedelta(hours=int(row.get("RetentionHours", 0))) or timedelta(days=defaults["JobRetentionDays"])
        assert timedelta(days=days[retention_tag(kept)]) >= kept + MAX_RUN_LIMIT + timedelta(days=1)
    assert days == {
        "retention=job": defaults["ReportRetentionDays"],
        "retention=day": defaults["DayReportRetentionDays"],
    }


def test_a_deleted_job_is_remembered_for_longer_than_a_stream_keeps_its_records(defaults: dict[str, int]) -> None:
    assert defaults["TombstoneDays"] * 86_400 > 86_400
    assert source()["Parameters"]["TombstoneDays"]["MinValue"] == 2


def test_a_request_is_answered_before_the_gateway_gives_up(defaults: dict[str, int]) -> None:
    assert defaults["ApiTimeoutSeconds"] < 30


def test_a_message_of_a_socket_is_answered_before_its_gateway_gives_up(defaults: dict[str, int]) -> None:
    assert defaults["LiveSocketsTimeoutSeconds"] < 29


def test_a_batch_of_changes_is_given_up_before_its_function_is_stopped(defaults: dict[str, int]) -> None:
    one_send = CONNECT_SECONDS + READ_SECONDS

    assert defaults["LiveUpdatesTimeoutSeconds"] >= PATIENCE.total_seconds() + 2 * one_send


def test_progress_is_written_less_often_than_it_may_be_told(defaults: dict[str, int]) -> None:
    assert source()["Parameters"]["ProgressSeconds"]["MinValue"] >= 2 * LEAST_SECONDS


def test_a_processors_disk_holds_three_times_the_largest_upload(defaults: dict[str, int]) -> None:
    for job_type in source()["Mappings"]["JobTypes"].values():
        assert job_type["DiskMegabytes"] * 1024**2 >= 3 * defaults["UploadMaxBytes"]


def test_each_duration_is_a_parameter_and_reaches_its_resource(aws: Expansion, defaults: dict[str, int]) -> None:
    queues, functions = aws.of_type("AWS::SQS::Queue"), aws.of_type("AWS::Lambda::Function")

    for job_type in source()["Mappings"]["JobTypes"]:
        assert queues[f"{job_type}Queue"]["VisibilityTimeout"] == defaults["VisibilitySeconds"]
        assert queues[f"{job_type}DeadLetters"]["VisibilityTimeout"] == defaults["DeadLettersVisibilitySeconds"]
        assert queues[f"{job_type}Queue"]["MessageRetentionPeriod"] == defaults["MessageRetentionSeconds"]
        assert functions[f"{job_type}Processor"]["Timeout"] == defaults["ProcessorTimeoutSeconds"]
    assert queues["StartsQueue"]["VisibilityTimeout"] == defaults["StartsVisibilitySeconds"]
    assert queues["StartsQueue"]["MessageRetentionPeriod"] == defaults["MessageRetentionSeconds"]
    assert functions["JobsApi"]["Timeout"] == defaults["ApiTimeoutSeconds"]
    for name in (
        "Dispatcher",
        "Settle",
        "Notifier",
        "Reconciler",
        "DeadLetters",
        "Cleanup",
        "LiveSockets",
        "LiveUpdates",
        "Announcer",
    ):
        assert functions[name]["Timeout"] == defaults[f"{name}TimeoutSeconds"]


def test_the_codes_defaults_are_the_templates(aws: Expansion) -> None:
    """A function started without the template's environment, as in tests, behaves like one with it."""
    given = aws.of_type("AWS::Lambda::Function")["JobsApi"]["Environment"]["Variables"]
    numbers = {name: str(value) for name, value in given.items() if isinstance(value, int) and FRESH_OF not in name}

    assert read_settings(numbers) == read_settings({})


def test_nothing_in_the_machine_is_a_duration_but_the_shortest_wait() -> None:
    text = (ROOT / "statemachines/job.asl.json").read_text()
    numbers = [line.strip() for line in text.splitlines() if "Seconds" in line and "${" not in line]

    assert numbers == ['"IntervalSeconds": 1,'], "Step Functions waits no less than a second"


def test_no_resource_has_a_duration_of_its_own(aws: Expansion) -> None:
    def literals(value: Any, path: str) -> list[str]:
        if isinstance(value, dict):
            return [found for key, inner in value.items() for found in literals(inner, f"{path}.{key}")]
        if isinstance(value, list):
            return [found for inner in value for found in literals(inner, path)]
        duration = path.endswith(("Seconds", "Timeout", "InDays", "RetentionPeriod")) and value != "Enabled"
        return [path] if duration and not isinstance(value, dict) else []

    written = json.loads(json.dumps(source()["Resources"]))
    # The longest life that SQS gives, for letters that a person must see; days of what nobody finished.
    allowed = {"MessageRetentionPeriod", "DaysAfterInitiation"}

    assert {path.rsplit(".", 1)[1] for path in literals(written, "")} - {"Ref"} <= allowed
