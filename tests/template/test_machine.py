"""The state machine as each job type gets it."""

import json
from string import Template
from typing import Any

import pytest

from jobmill.jobs.executions import CONTINUE, RETRYABLE
from tests.template.expansion import ROOT, Expansion, mentions, source

JOB_TYPES = list(source()["Mappings"]["JobTypes"])
EVENTS_OF_A_PASS = 4
EVENTS_OF_AN_EXECUTION = 25_000


@pytest.fixture(params=JOB_TYPES)
def machine(aws: Expansion, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The definition with the template's substitutions in it; a resource's name stands for its reference."""
    given = aws.of_type("AWS::StepFunctions::StateMachine")[f"{request.param}Machine"]["DefinitionSubstitutions"]
    values = {name: _plain(value) for name, value in given.items()}
    text = (ROOT / "statemachines/job.asl.json").read_text().replace("$$", "$$$$").replace('.$"', '.$$"')
    text = text.replace('"$.', '"$$.')
    definition: dict[str, Any] = json.loads(Template(text).substitute(values))
    return definition | {"JobType": request.param}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0]
    return value


def test_the_happy_path_is_one_state(machine: dict[str, Any]) -> None:
    assert machine["StartAt"] == "Run"
    assert set(machine["States"]) == {"Run", "Settle"}
    assert machine["States"]["Run"]["End"] is True


def test_a_run_is_a_message_with_a_token(machine: dict[str, Any]) -> None:
    run = machine["States"]["Run"]

    assert run["Resource"] == "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    assert run["Parameters"] == {
        "QueueUrl": f"{machine['JobType']}Queue",
        "MessageGroupId.$": "$.project_id",
        "MessageBody": {
            "job_id.$": "$.job_id",
            "run.$": "$.run",
            "pass.$": "$$.State.RetryCount",
            "token.$": "$$.Task.Token",
        },
    }


def test_the_retriers_stand_in_their_order_under_the_codes_names(machine: dict[str, Any]) -> None:
    retriers = machine["States"]["Run"]["Retry"]

    assert [retrier["ErrorEquals"] for retrier in retriers] == [
        [CONTINUE],
        [RETRYABLE],
        ["States.Timeout"],
        ["States.ALL"],
    ]
    slices, later, timeout, send = retriers
    assert (slices["IntervalSeconds"], slices["BackoffRate"]) == (1, 1)
    assert (later["BackoffRate"], later["JitterStrategy"]) == (2, "FULL")
    assert timeout["MaxAttempts"] == 0
    assert (send["BackoffRate"], send["MaxAttempts"]) == (2, 8)


def test_waits_and_the_last_timeout_are_the_templates(aws: Expansion, machine: dict[str, Any]) -> None:
    run = machine["States"]["Run"]
    _, later, _, send = run["Retry"]
    waits = {
        "MachineTimeoutSeconds": run["TimeoutSeconds"],
        "RetryIntervalSeconds": later["IntervalSeconds"],
        "RetryCapSeconds": later["MaxDelaySeconds"],
        "SendIntervalSeconds": send["IntervalSeconds"],
        "SendCapSeconds": send["MaxDelaySeconds"],
    }

    assert waits == {name: aws.parameters[name] for name in waits}
    assert later["MaxDelaySeconds"] > later["IntervalSeconds"]
    assert send["MaxDelaySeconds"] > send["IntervalSeconds"]


def test_all_passes_fit_into_an_executions_history(machine: dict[str, Any]) -> None:
    passes = sum(retrier["MaxAttempts"] for retrier in machine["States"]["Run"]["Retry"])

    assert passes * EVENTS_OF_A_PASS < EVENTS_OF_AN_EXECUTION


def test_whatever_is_not_retried_is_settled_with_its_failure(machine: dict[str, Any]) -> None:
    assert machine["States"]["Run"]["Catch"] == [
        {"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Settle"}
    ]
    settle = machine["States"]["Settle"]
    assert (settle["Resource"], settle["End"]) == ("Settle", True)
    assert [retrier["ErrorEquals"] for retrier in settle["Retry"]] == [["States.ALL"]]


def test_no_state_waits_for_heartbeats(machine: dict[str, Any]) -> None:
    assert "HeartbeatSeconds" not in json.dumps(machine)


@pytest.mark.parametrize("job_type", JOB_TYPES)
def test_a_machine_may_send_to_its_own_queue_and_settle_and_nothing_else(aws: Expansion, job_type: str) -> None:
    """The local AWS does not ask for a machine's rights."""
    send, settle = aws.statements(f"{job_type}MachineRole")

    assert send["Action"] == ["sqs:SendMessage"]
    assert mentions(send["Resource"], f"{job_type}Queue")
    assert settle["Action"] == ["lambda:InvokeFunction"]
    assert mentions(settle["Resource"], "Settle")


@pytest.mark.parametrize("job_type", JOB_TYPES)
def test_a_machine_has_the_name_that_the_dispatcher_computes(aws: Expansion, job_type: str) -> None:
    machine = aws.of_type("AWS::StepFunctions::StateMachine")[f"{job_type}Machine"]
    prefix = aws.of_type("AWS::Lambda::Function")["Dispatcher"]["Environment"]["Variables"]["MACHINE_ARN_PREFIX"]

    assert f"{prefix}{job_type}".endswith(f":stateMachine:{machine['StateMachineName']}")
    assert machine["StateMachineType"] == "STANDARD"
