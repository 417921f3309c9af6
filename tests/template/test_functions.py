"""Functions: environment, logs, and the rights of each one's own role."""

from collections.abc import Iterator, Mapping

import pytest

from jobmill.links.tickets import MIN_SECRET_BYTES
from jobmill.settings import read_settings
from tests.template.expansion import MANAGED_POLICIES, ROOT, Expansion, expand, mentions, source

JOB_TYPES = list(source()["Mappings"]["JobTypes"])
PROCESSORS = [f"{job_type}Processor" for job_type in JOB_TYPES]
FUNCTIONS = [
    *(
        "JobsApi",
        "Dispatcher",
        "Settle",
        "Notifier",
        "Reconciler",
        "DeadLetters",
        "Cleanup",
        "TaskStarter",
        "TaskWatch",
        "LiveSockets",
        "LiveUpdates",
        "Announcer",
    ),
    *PROCESSORS,
]
FIGURES = {"cloudwatch:PutMetricData"}
TOKENS = {"states:SendTaskSuccess", "states:SendTaskFailure"}


class Asked(Mapping[str, str]):
    """An environment that notes which names are asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def environment(aws: Expansion, function: str) -> dict[str, object]:
    found: dict[str, object] = aws.of_type("AWS::Lambda::Function")[function]["Environment"]["Variables"]
    return found


def test_these_are_all_the_functions(aws: Expansion) -> None:
    assert sorted(aws.of_type("AWS::Lambda::Function")) == sorted(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_given_all_that_the_settings_read(aws: Expansion, function: str) -> None:
    asked = Asked()
    read_settings(asked)

    # The runtime itself sets the first, and only processors have the second.
    elsewhere = {"AWS_REGION"} | ({"JOB_TYPE"} if function not in PROCESSORS else set())
    assert asked.names - elsewhere <= set(environment(aws, function))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_lacks_what_the_api_has(aws: Expansion, function: str) -> None:
    own = {"JOB_TYPE"} if function in PROCESSORS else set()

    assert set(environment(aws, function)) == set(environment(aws, "JobsApi")) | own


@pytest.mark.parametrize("job_type", JOB_TYPES)
def test_a_processor_is_told_its_job_type(aws: Expansion, job_type: str) -> None:
    assert environment(aws, f"{job_type}Processor")["JOB_TYPE"] == job_type


def test_the_application_knows_its_own_address(aws: Expansion, local: Expansion) -> None:
    endpoint = local.parameters["LocalEndpoint"]

    assert environment(aws, "JobsApi")["PUBLIC_URL"] == "https://${Api}.execute-api.eu-central-1.amazonaws.com"
    assert environment(local, "JobsApi")["PUBLIC_URL"] == f"{endpoint}/_aws/execute-api/${{Api}}/$default"
    assert environment(aws, "JobsApi")["S3_ENDPOINT"] == ""
    assert environment(local, "JobsApi")["S3_ENDPOINT"] == endpoint


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_writes_to_a_log_group_of_its_own_that_forgets(aws: Expansion, function: str) -> None:
    group = aws.of_type("AWS::Lambda::Function")[function]["LoggingConfig"]["LogGroup"]["Ref"]
    properties = aws.of_type("AWS::Logs::LogGroup")[group]

    assert properties["LogGroupName"] == f"/jobmill/{function}"
    assert properties["RetentionInDays"] == aws.parameters["LogRetentionDays"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_a_role_of_its_own(aws: Expansion, function: str) -> None:
    assert mentions(aws.of_type("AWS::Lambda::Function")[function]["Role"], f"{function}Role")
    assert aws.of_type("AWS::IAM::Role")[f"{function}Role"]["ManagedPolicyArns"] == list(MANAGED_POLICIES.values())


def test_nothing_is_allowed_everywhere_but_the_reporting_of_tokens_and_figures(aws: Expansion) -> None:
    for role in aws.of_type("AWS::IAM::Role"):
        for statement in aws.statements(role):
            assert statement["Effect"] == "Allow"
            assert not [action for action in statement["Action"] if "*" in action], role
            if "*" in statement["Resource"]:
                assert set(statement["Action"]) in (TOKENS, FIGURES), role


def rights(aws: Expansion, role: str) -> dict[str, set[str]]:
    """What a role may do on each resource of the stack."""
    found: dict[str, set[str]] = {}
    for statement in aws.statements(role):
        for resource in statement["Resource"]:
            text = str(resource)
            (name,) = [name for name in aws.resources if mentions(resource, name)] or [text]
            suffix = text.split("}", 1)[1] if text.startswith("${") else ""
            found.setdefault(name + suffix, set()).update(statement["Action"])
    return found


READ_WRITE = {
    *("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"),
    *("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
}
CONSUME = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
TABLE = {"Table": READ_WRITE, "Table/index/*": READ_WRITE}
EXECUTIONS = "arn:aws:states:eu-central-1:123456789012:execution:jobmill-*"
LINK_KEYS = {"LinkKeys": {"secretsmanager:GetSecretValue"}}
DOCUMENTS = {"DatasetsBucket/documents/*": {"s3:GetObject", "s3:PutObject"}}


def test_the_api_may_keep_jobs_send_starts_and_sign(aws: Expansion) -> None:
    assert rights(aws, "JobsApiRole") == {
        **TABLE,
        **DOCUMENTS,
        **LINK_KEYS,
        "StartsQueue": {"sqs:SendMessage"},
        "UploadsBucket/*": {"s3:PutObject"},
        "ReportsBucket/*": {"s3:GetObject"},
        "TasksBucket/*": {"s3:GetObject", "s3:GetObjectVersion"},
        "TasksBucket": {"s3:ListBucket", "s3:ListBucketVersions"},
        EXECUTIONS: {"states:StopExecution"},
    }


def test_the_key_of_links_is_made_by_the_stack_long_enough_and_named_by_what_a_policy_takes(aws: Expansion) -> None:
    secret = aws.of_type("AWS::SecretsManager::Secret")["LinkKeys"]

    assert secret["GenerateSecretString"]["PasswordLength"] >= MIN_SECRET_BYTES
    assert "SecretString" not in secret
    assert environment(aws, "JobsApi")["LINK_KEYS_SECRET"] == {"Fn::GetAtt": ["LinkKeys", "Id"]}


def test_the_dispatcher_may_only_start_this_stacks_machines(aws: Expansion) -> None:
    machines = "arn:aws:states:eu-central-1:123456789012:stateMachine:jobmill-*"

    assert rights(aws, "DispatcherRole") == {"StartsQueue": CONSUME, machines: {"states:StartExecution"}}


def test_the_reconciler_may_keep_jobs_send_starts_and_find_and_stop_this_stacks_executions(aws: Expansion) -> None:
    assert rights(aws, "ReconcilerRole") == {
        **TABLE,
        **DOCUMENTS,
        "StartsQueue": {"sqs:SendMessage"},
        EXECUTIONS: {"states:DescribeExecution", "states:StopExecution"},
    }


@pytest.mark.requirement("A11")
@pytest.mark.parametrize(
    ("function", "schedule"),
    [("Reconciler", "rate(1 minute)"), ("Cleanup", "rate(1 hour)"), ("TaskWatch", "rate(5 minutes)")],
)
def test_what_is_called_by_the_clock_may_be_called_by_its_rule(aws: Expansion, function: str, schedule: str) -> None:
    rule = aws.of_type("AWS::Events::Rule")[f"{function}Rule"]
    permission = aws.of_type("AWS::Lambda::Permission")[f"{function}Permission"]

    assert rule["ScheduleExpression"] == schedule
    assert mentions(rule["Targets"][0]["Arn"], function)
    assert permission["FunctionName"] == {"Ref": function}
    assert mentions(permission["SourceArn"], f"{function}Rule")


def test_cleanup_may_only_find_and_delete_jobs(aws: Expansion) -> None:
    find_and_delete = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:DeleteItem", "dynamodb:PutItem"}

    assert rights(aws, "CleanupRole") == {"Table": find_and_delete, "Table/index/*": find_and_delete}


def test_the_dead_letters_function_may_end_jobs_and_tell_their_machines(aws: Expansion) -> None:
    queues = "arn:aws:sqs:eu-central-1:123456789012:jobmill-*-dead"

    assert rights(aws, "DeadLettersRole") == {
        "Table": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        queues: CONSUME,
        "*": TOKENS,
    }
    for job_type in JOB_TYPES:
        name = aws.of_type("AWS::SQS::Queue")[f"{job_type}DeadLetters"]["QueueName"]
        assert name == f"jobmill-{job_type}-dead"


def test_settle_may_only_keep_jobs(aws: Expansion) -> None:
    assert rights(aws, "SettleRole") == {**TABLE, **DOCUMENTS}


def test_the_notifier_may_count_and_tell_read_the_stream_and_remove_what_jobs_left(aws: Expansion) -> None:
    stream = {"GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"}

    assert rights(aws, "NotifierRole") == {
        "Table": READ_WRITE | {f"dynamodb:{action}" for action in stream},
        "Table/index/*": READ_WRITE,
        "NotifierDeadLetters": {"sqs:SendMessage"},
        "EventBus": {"events:PutEvents"},
        "AnnouncementsQueue": {"sqs:SendMessage"},
        "DatasetsBucket": {"s3:ListBucket"},
        "DatasetsBucket/datasets/*": {"s3:GetObject", "s3:DeleteObject"},
        "DatasetsBucket/work/*": {"s3:GetObject", "s3:DeleteObject"},
        "DatasetsBucket/documents/*": {"s3:DeleteObject"},
        "ReportsBucket/*": {"s3:DeleteObject"},
    }


def test_the_announcer_may_only_tell_what_waits_in_its_queue(aws: Expansion) -> None:
    assert rights(aws, "AnnouncerRole") == {"EventBus": {"events:PutEvents"}, "AnnouncementsQueue": CONSUME}


@pytest.mark.parametrize("job_type", JOB_TYPES)
def test_a_processor_may_work_on_its_own_queue_and_the_files(aws: Expansion, job_type: str) -> None:
    write = {"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"}

    assert rights(aws, f"{job_type}ProcessorRole") == {
        **TABLE,
        **LINK_KEYS,
        "*": TOKENS,
        f"{job_type}Queue": CONSUME,
        "UploadsBucket": {"s3:ListBucket"},
        "UploadsBucket/*": {"s3:GetObject"},
        "DatasetsBucket": {"s3:ListBucket"},
        "DatasetsBucket/*": write | {"s3:DeleteObject"},
        "ReportsBucket": {"s3:ListBucket"},
        "ReportsBucket/*": write | {"s3:PutObjectTagging"},
    }


@pytest.mark.parametrize("function", PROCESSORS)
def test_a_processor_may_meet_its_own_queue_again(aws: Expansion, function: str) -> None:
    assert aws.of_type("AWS::Lambda::Function")[function]["RecursiveLoop"] == "Allow"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_handler_is_there(aws: Expansion, function: str) -> None:
    properties = aws.of_type("AWS::Lambda::Function")[function]
    package, module, name = properties["Handler"].split(".")

    assert name == "handler"
    assert (ROOT / "functions" / package / f"{module}.py").is_file()
    assert properties["Runtime"] == "python3.13"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_processors_carry_the_data_libraries_and_only_the_api_the_dashboard(aws: Expansion, function: str) -> None:
    layers = [layer["Ref"] for layer in aws.of_type("AWS::Lambda::Function")[function]["Layers"]]
    known = ("Dependencies", "Jobmill", "Tables", "Dashboard")
    kinds = [next(kind for kind in known if layer.startswith(kind)) for layer in layers]

    own = {"JobsApi": ["Dashboard"]} | {key: ["Tables"] for key in PROCESSORS}
    assert kinds == ["Dependencies", "Jobmill", *own.get(function, [])]


def test_the_api_knows_where_the_stacks_own_users_sign_in(aws: Expansion, local: Expansion) -> None:
    endpoint = local.parameters["LocalEndpoint"]

    assert environment(aws, "JobsApi")["IDENTITY_URL"] == "https://cognito-idp.eu-central-1.amazonaws.com/"
    assert environment(local, "JobsApi")["IDENTITY_URL"] == f"{endpoint}/"
    assert environment(aws, "JobsApi")["USER_POOL_CLIENT_ID"] == {"Ref": "UserPoolClient"}


def test_with_another_issuer_nobody_signs_in_here() -> None:
    stack = expand(JwtIssuer="https://id.example.com", JwtAudience="jobmill")

    assert environment(stack, "JobsApi")["IDENTITY_URL"] == ""
    assert environment(stack, "JobsApi")["USER_POOL_CLIENT_ID"] == ""
