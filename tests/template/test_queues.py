"""Queues, what comes of letters that nobody can deliver, and who hears of it."""

import json

import pytest

from tests.template.expansion import Expansion, mentions, source

JOB_TYPES = list(source()["Mappings"]["JobTypes"])
WORKING = ["StartsQueue", *(f"{job_type}Queue" for job_type in JOB_TYPES)]
LONGEST_SECONDS = 1_209_600


def dead_letters(queue: str) -> str:
    return queue.removesuffix("Queue") + "DeadLetters"


@pytest.mark.parametrize("queue", WORKING)
@pytest.mark.requirement("J11")
def test_a_message_that_fails_five_times_goes_to_the_queues_own_dead_letters(aws: Expansion, queue: str) -> None:
    redrive = aws.of_type("AWS::SQS::Queue")[queue]["RedrivePolicy"]

    assert redrive["maxReceiveCount"] == 5
    assert mentions(redrive["deadLetterTargetArn"], dead_letters(queue))


@pytest.mark.requirement("J11")
def test_imports_exports_validations_and_tests_have_a_queue_and_dead_letters_each(aws: Expansion) -> None:
    queues = {
        f"{job_type}{kind}"
        for job_type in ("Import", "Export", "Validation", "TestRun")
        for kind in ("Queue", "DeadLetters")
    }

    assert queues <= set(aws.of_type("AWS::SQS::Queue"))


def test_every_queue_is_a_working_one_or_holds_dead_letters(aws: Expansion) -> None:
    working = [*WORKING, "AnnouncementsQueue"]
    expected = {*working, *(dead_letters(queue) for queue in working), "NotifierDeadLetters"}

    assert set(aws.of_type("AWS::SQS::Queue")) == expected


def test_every_queue_is_encrypted(aws: Expansion) -> None:
    for name, queue in aws.of_type("AWS::SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True, name


def test_dead_letters_wait_as_long_as_sqs_allows(aws: Expansion) -> None:
    for name, queue in aws.of_type("AWS::SQS::Queue").items():
        if name.endswith("DeadLetters"):
            assert queue["MessageRetentionPeriod"] == LONGEST_SECONDS, name


def test_dead_letters_and_old_messages_alarm(aws: Expansion) -> None:
    alarms = [alarm for alarm in aws.of_type("AWS::CloudWatch::Alarm").values() if alarm["Namespace"] == "AWS/SQS"]
    watched = {(alarm["MetricName"], alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]): alarm for alarm in alarms}
    dead = {name for name in aws.of_type("AWS::SQS::Queue") if name.endswith("DeadLetters")}
    # These are emptied by a function, as soon as a letter comes.
    emptied = {f"{job_type}DeadLetters" for job_type in JOB_TYPES}

    assert set(watched) == {
        *(("ApproximateNumberOfMessagesVisible", name) for name in dead - emptied),
        *(("NumberOfMessagesReceived", name) for name in emptied),
        *(("ApproximateAgeOfOldestMessage", name) for name in (*WORKING, "AnnouncementsQueue")),
    }
    assert {alarm["Statistic"] for (metric, _), alarm in watched.items() if metric == "NumberOfMessagesReceived"} == {
        "Sum"
    }
    for (metric, _), alarm in watched.items():
        age = aws.parameters["MessageAgeAlarmSeconds"]
        assert alarm["Threshold"] == (age if metric == "ApproximateAgeOfOldestMessage" else 0)
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


@pytest.mark.parametrize("job_type", JOB_TYPES)
def test_a_processor_takes_one_message_at_a_time_and_so_many_at_once(aws: Expansion, job_type: str) -> None:
    mapping = aws.of_type("AWS::Lambda::EventSourceMapping")[f"{job_type}Mapping"]

    assert mapping["BatchSize"] == 1
    concurrency = source()["Mappings"]["JobTypes"][job_type]["Concurrency"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": concurrency}
    assert mentions(mapping["EventSourceArn"], f"{job_type}Queue")
    assert mentions(mapping["FunctionName"], f"{job_type}Processor")


@pytest.mark.parametrize("job_type", JOB_TYPES)
@pytest.mark.requirement("J11")
def test_dead_letters_are_worked_off_one_by_one(aws: Expansion, job_type: str) -> None:
    mapping = aws.of_type("AWS::Lambda::EventSourceMapping")[f"{job_type}DeadLettersMapping"]

    assert mentions(mapping["EventSourceArn"], f"{job_type}DeadLetters")
    assert mentions(mapping["FunctionName"], "DeadLetters")
    assert mapping["BatchSize"] == 10
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_starts_are_paced_and_fail_one_by_one(aws: Expansion) -> None:
    mapping = aws.of_type("AWS::Lambda::EventSourceMapping")["StartsMapping"]

    # The local AWS compares it as a number, and a parameter is text there.
    assert isinstance(mapping["ScalingConfig"]["MaximumConcurrency"], int)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mentions(mapping["EventSourceArn"], "StartsQueue")


def test_events_that_the_bus_does_not_take_are_tried_for_hours_and_then_wait_for_a_person(aws: Expansion) -> None:
    queue = aws.of_type("AWS::SQS::Queue")["AnnouncementsQueue"]
    mapping = aws.of_type("AWS::Lambda::EventSourceMapping")["AnnouncerMapping"]

    assert queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"] >= 12 * 3600
    assert mentions(queue["RedrivePolicy"]["deadLetterTargetArn"], "AnnouncementsDeadLetters")
    assert queue["MessageRetentionPeriod"] == LONGEST_SECONDS
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mentions(mapping["EventSourceArn"], "AnnouncementsQueue")
    assert mentions(mapping["FunctionName"], "Announcer")


def test_the_bus_is_the_stack_s_own_and_its_name_is_told(aws: Expansion) -> None:
    assert aws.of_type("AWS::Events::EventBus") == {"EventBus": {"Name": "jobmill"}}
    assert mentions(aws.outputs["EventBusName"]["Value"], "EventBus")


def test_the_notifier_sees_jobs_only_and_loses_none(aws: Expansion) -> None:
    mapping = aws.of_type("AWS::Lambda::EventSourceMapping")["NotifierMapping"]
    (one,) = mapping["FilterCriteria"]["Filters"]

    assert json.loads(one["Pattern"]) == {"dynamodb": {"Keys": {"sk": {"S": ["job"]}}}}
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mentions(mapping["DestinationConfig"]["OnFailure"], "NotifierDeadLetters")
