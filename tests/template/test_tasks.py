"""Scheduled tasks: their schedules and who may start them, what runs may, and what their silence sets off."""

import json
import re

import pytest

from jobmill.scheduled import scheduled_tasks
from jobmill.tasks.watching import METRICS, NAMESPACE
from tests.template.expansion import Expansion, expand, mentions, source
from tests.template.test_functions import environment, rights

TASKS = {
    "CollectDevicesHealth": "collect_devices_health",
    "CollectChargeLocations": "collect_charge_locations",
    "CollectChargeCdrs": "collect_charge_cdrs",
    "SendResetSms": "send_reset_sms",
}
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:peers-AbCdEf"
READ_SECRET = {"secretsmanager:GetSecretValue"}


@pytest.mark.requirement("T14")
def test_each_task_has_a_schedule_by_its_name_with_the_slot_and_every_schedule_a_task(aws: Expansion) -> None:
    schedules = aws.of_type("AWS::Scheduler::Schedule")

    assert {name: schedule["Name"] for name, schedule in schedules.items()} == TASKS
    assert set(scheduled_tasks()) == set(TASKS.values())
    for schedule in schedules.values():
        wanted = {"task": schedule["Name"], "slot": "<aws.scheduler.scheduled-time>"}
        assert json.loads(schedule["Target"]["Input"]) == wanted
        assert mentions(schedule["Target"]["Arn"], "TaskStarter")
        assert mentions(schedule["Target"]["RoleArn"], "TaskSchedulesRole")
        assert mentions(schedule["GroupName"], "TaskSchedules")
        assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}


@pytest.mark.requirement("T14")
@pytest.mark.parametrize("name", TASKS)
def test_schedule_and_time_zone_are_parameters(name: str) -> None:
    given = {f"{name}Schedule": "rate(1 minute)", f"{name}TimeZone": "Europe/Berlin"}
    schedule = expand(**given).of_type("AWS::Scheduler::Schedule")[name]

    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"


def test_the_schedules_may_call_the_starter_and_nothing_else(aws: Expansion) -> None:
    assert rights(aws, "TaskSchedulesRole") == {"TaskStarter": {"lambda:InvokeFunction"}}
    (trust,) = aws.of_type("AWS::IAM::Role")["TaskSchedulesRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}


def test_the_group_that_functions_ask_is_the_one_of_the_schedules(aws: Expansion) -> None:
    assert aws.of_type("AWS::Scheduler::ScheduleGroup")["TaskSchedules"]["Name"] == "jobmill"
    assert environment(aws, "TaskWatch")["SCHEDULE_GROUP"] == "jobmill"


def test_the_starter_may_submit_and_the_watch_may_look_and_tell(aws: Expansion) -> None:
    rows = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
    group = "arn:aws:scheduler:eu-central-1:123456789012:schedule/jobmill/*"

    assert rights(aws, "TaskStarterRole") == {"Table": rows, "StartsQueue": {"sqs:SendMessage"}}
    assert rights(aws, "TaskWatchRole") == {
        "Table": rows,
        group: {"scheduler:GetSchedule"},
        "*": {"cloudwatch:PutMetricData"},
    }
    (figures,) = [each for each in aws.statements("TaskWatchRole") if "*" in each["Resource"]]
    assert figures["Condition"] == {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}


def test_the_peers_secret_is_read_by_whom_it_concerns_and_only_if_there_is_one() -> None:
    stack = expand(PeersSecret=SECRET)

    for role in ("TaskStarterRole", "TaskWatchRole"):
        assert rights(stack, role)[SECRET] == READ_SECRET
    assert READ_SECRET in [set(each["Action"]) for each in task_rights(stack) if each.get("Resource") == [SECRET]]
    for function in ("JobsApi", "TaskProcessor"):
        assert environment(stack, function)["PEERS_SECRET"] == SECRET


def test_only_runs_of_tasks_may_store_data_of_tasks_and_send_messages_to_telephones(aws: Expansion) -> None:
    policy = aws.of_type("AWS::IAM::Policy")["TaskProcessorRights"]
    assert policy["Roles"] == [{"Ref": "TaskProcessorRole"}]
    allowed = {action for statement in task_rights(aws) for action in statement["Action"]}
    assert allowed == {
        *("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:ListBucket", "s3:ListBucketVersions"),
        "sns:Publish",
    }
    (publish,) = [each for each in task_rights(aws) if each["Action"] == ["sns:Publish"]]
    assert publish["NotResource"] == ["arn:aws:sns:*:*:*"]
    for role in aws.of_type("AWS::IAM::Role"):
        for statement in aws.statements(role):
            assert not {"sns:Publish"} & set(statement["Action"])
            writes = {"s3:PutObject"} & set(statement["Action"])
            assert not (writes and any(mentions(resource, "TasksBucket") for resource in statement["Resource"]))


def task_rights(stack: Expansion) -> list[dict[str, list[str]]]:
    """The statements of the rights that only runs of tasks have, with lists in place of single values."""
    found = stack.of_type("AWS::IAM::Policy")["TaskProcessorRights"]["PolicyDocument"]["Statement"]
    return [
        {name: value if isinstance(value, list) else [value] for name, value in statement.items()}
        for statement in found
        if "Action" in statement
    ]


def test_older_versions_of_a_tasks_data_outlive_the_links_to_them(aws: Expansion) -> None:
    bucket = aws.of_type("AWS::S3::Bucket")["TasksBucket"]
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    days = rules["older"]["NoncurrentVersionExpiration"]["NoncurrentDays"]
    assert days == aws.parameters["TaskVersionDays"]
    assert days > source()["Parameters"]["LinkDays"]["Default"]


def test_each_kind_of_lateness_alarms_and_so_does_a_watch_that_does_not_look(aws: Expansion) -> None:
    alarms = [each for each in aws.of_type("AWS::CloudWatch::Alarm").values() if each["Namespace"] == NAMESPACE]

    assert {alarm["MetricName"] for alarm in alarms} == set(METRICS.values())
    for alarm in alarms:
        assert alarm["Dimensions"] == [{"Name": "Stack", "Value": "jobmill"}]
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
        is_silence_told = alarm["MetricName"] == "SchedulesNotFired"
        assert alarm["TreatMissingData"] == ("breaching" if is_silence_told else "missing")


@pytest.mark.parametrize("value", ["jobmill-peers", "arn:aws:s3:::peers", "https://peers"])
def test_the_peers_secret_is_named_by_its_arn(value: str) -> None:
    pattern = source()["Parameters"]["PeersSecret"]["AllowedPattern"]
    assert re.fullmatch(pattern, value) is None
    assert re.fullmatch(pattern, SECRET)
    assert re.fullmatch(pattern, "")
