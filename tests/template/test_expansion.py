"""The loops of the template: how much they make, and that their lists agree."""

import json
import re
from collections import Counter

import pytest

from jobmill.processors import job_types
from tests.template.expansion import Expansion, expand, source

OF_EACH_TYPE = {
    "AWS::Lambda::Function": 1,
    "AWS::Lambda::EventSourceMapping": 2,
    "AWS::IAM::Role": 2,
    "AWS::StepFunctions::StateMachine": 1,
    "AWS::SQS::Queue": 2,
    "AWS::Logs::LogGroup": 1,
    "AWS::CloudWatch::Alarm": 2,
}
ONCE = {
    "AWS::Lambda::Function": 12,
    "AWS::Lambda::EventSourceMapping": 4,
    "AWS::Lambda::LayerVersion": 4,
    "AWS::Lambda::Permission": 5,
    "AWS::Events::Rule": 3,
    "AWS::IAM::Role": 13,
    "AWS::SQS::Queue": 5,
    "AWS::Logs::LogGroup": 12,
    "AWS::CloudWatch::Alarm": 8,
    "AWS::ApiGatewayV2::Api": 2,
    "AWS::ApiGatewayV2::Stage": 2,
    "AWS::ApiGatewayV2::Integration": 2,
    "AWS::ApiGatewayV2::Authorizer": 1,
    "AWS::ApiGatewayV2::Route": 15,
    "AWS::ApiGatewayV2::RouteResponse": 6,
    "AWS::Events::EventBus": 1,
    "AWS::Cognito::UserPool": 1,
    "AWS::Cognito::UserPoolClient": 1,
    "AWS::DynamoDB::Table": 1,
    "AWS::S3::Bucket": 4,
    "AWS::SecretsManager::Secret": 1,
    "AWS::S3::BucketPolicy": 4,
    "AWS::Scheduler::Schedule": 4,
    "AWS::Scheduler::ScheduleGroup": 1,
    "AWS::IAM::Policy": 1,
    "AWS::Lambda::EventInvokeConfig": 1,
}


def test_the_loops_expand_to_every_resource(aws: Expansion) -> None:
    types = len(source()["Mappings"]["JobTypes"])
    expected = Counter(ONCE) + Counter({type: types * count for type, count in OF_EACH_TYPE.items()})

    assert Counter(resource["Type"] for resource in aws.resources.values()) == expected


def test_every_list_of_job_types_repeats_the_keys_of_the_mapping() -> None:
    template = source()
    keys = list(template["Mappings"]["JobTypes"])

    lists = [
        loop[1]
        for section in ("Resources", "Outputs")
        for name, loop in template[section].items()
        if name.startswith("Fn::ForEach::JobType")
    ]

    assert lists == [keys, keys]


@pytest.mark.requirement("A10")
@pytest.mark.requirement("A11")
def test_every_function_knows_the_run_limit_and_the_retention_of_each_job_type(aws: Expansion) -> None:
    variables = aws.resources["JobsApi"]["Properties"]["Environment"]["Variables"]

    for job_type, row in source()["Mappings"]["JobTypes"].items():
        limits = row.get("RunLimitSeconds"), row.get("RetentionHours")
        assert all(isinstance(limit, str | None) for limit in limits), "the local AWS gives functions no numbers"
        assert variables.get(f"RUN_LIMIT_SECONDS_{job_type}") == limits[0]
        assert variables.get(f"RETENTION_HOURS_{job_type}") == limits[1]


def test_the_template_and_the_code_know_the_same_job_types() -> None:
    assert set(source()["Mappings"]["JobTypes"]) == set(job_types())


def test_clients_and_operators_find_everything_in_the_outputs(aws: Expansion) -> None:
    once = {
        *("ApiUrl", "LiveUrl", "UserPoolId", "UserPoolClientId", "TableName"),
        *("UploadsBucketName", "DatasetsBucketName", "ReportsBucketName", "TasksBucketName", "DashboardUrl"),
        *("StartsQueueUrl", "StartsDeadLettersUrl", "NotifierDeadLettersUrl"),
        *("EventBusName", "AnnouncementsQueueUrl", "AnnouncementsDeadLettersUrl"),
        *(f"{name}FunctionName" for name in source()["Outputs"]["Fn::ForEach::FunctionOutputs"][1]),
    }
    of_each = {
        f"{type}{output}"
        for type in source()["Mappings"]["JobTypes"]
        for output in ("QueueUrl", "DeadLettersUrl", "MachineArn", "ProcessorFunctionName")
    }

    assert set(aws.outputs) == once | of_each


def test_a_parameter_has_only_what_cloudformation_knows() -> None:
    """A comma in an unquoted description ends it, and makes a key of the rest, which no linter minds."""
    known = {"Type", "Default", "AllowedValues", "AllowedPattern", "MinValue", "MaxValue", "Description"} | {
        *("MinLength", "MaxLength")
    }

    for name, parameter in source()["Parameters"].items():
        assert set(parameter) <= known, name


@pytest.mark.parametrize(
    ("hosts", "is_taken"),
    [
        ("", True),
        ("api.example.com,[fd00::5]:8080,peer.internal:8080=10.0.0.5", True),
        ("https://api.example.com", False),
        ("*.example.com", False),
        ("api.example.com, other.example.com", False),
        ("10.0.0.0/8", False),
    ],
)
def test_a_list_of_hosts_is_refused_at_deployment_where_it_is_none(hosts: str, is_taken: bool) -> None:
    pattern = source()["Parameters"]["HttpTestHosts"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, hosts)) is is_taken


def test_images_come_over_http_only_where_the_operator_says_so() -> None:
    def said(stack: Expansion) -> set[str]:
        functions = stack.of_type("AWS::Lambda::Function").values()
        return {function["Environment"]["Variables"]["IMAGES_OVER_HTTP"] for function in functions}

    assert (said(expand()), said(expand(ImagesOverHttp="true"))) == ({"false"}, {"true"})


def test_every_number_reaches_the_stack() -> None:
    """None is passed over for a value that happens to be its default."""
    parameters = source()["Parameters"].items()
    names = [name for name, parameter in parameters if parameter["Type"] == "Number"]
    stack = expand(**{name: 7_000_000 + number for number, name in enumerate(names)})
    text = json.dumps(stack.resources)

    assert [name for number, name in enumerate(names) if str(7_000_000 + number) not in text] == []


def test_a_parameter_is_a_number_with_its_unit_or_a_choice_or_described() -> None:
    units = ("Seconds", "Days", "Hours", "Bytes")

    for name, parameter in source()["Parameters"].items():
        assert name.endswith(units) or "AllowedValues" in parameter or "Description" in parameter, name
