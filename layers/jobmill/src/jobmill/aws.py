"""Clients of AWS's APIs, each made at its first use: importing boto3 costs most of a cold start."""

from functools import cache
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from jobmill.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

# A request that waits for a dependency gives up early: the caller waits, and the reconciler repeats.
CONNECT_SECONDS = 1
READ_SECONDS = 2
LIVE_SENDERS = 16
"""WebSockets that are told something at the same time."""
# Processors move whole files, and S3 may pause in the middle of one.
TRANSFER_READ_SECONDS = 60


def is_missing(error: ClientError) -> bool:
    """Whether S3 says that there is no such object; without the right to list it would say 403."""
    return error.response["Error"]["Code"] in ("404", "NoSuchKey")


@cache
def sqs() -> "SQSClient":
    """SQS on the request path: gives up after three seconds and one more try."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 2})
    client: SQSClient = boto3.client("sqs", config=config)
    return client


@cache
def step_functions() -> "SFNClient":
    """Step Functions, given up after three tries of three seconds: a person may be waiting for a cancellation."""
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    client: SFNClient = boto3.client("stepfunctions", config=config)
    return client


@cache
def secrets() -> "SecretsManagerClient":
    """Secrets Manager on the request path: gives up after three seconds and one more try."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 2})
    client: SecretsManagerClient = boto3.client("secretsmanager", config=config)
    return client


@cache
def scheduler() -> "EventBridgeSchedulerClient":
    """EventBridge Scheduler, with the patience of boto3: nobody waits."""
    import boto3

    client: EventBridgeSchedulerClient = boto3.client("scheduler")
    return client


@cache
def events() -> "EventBridgeClient":
    """EventBridge, given up after two tries of three seconds: the counts wait, and its events can wait elsewhere."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 2})
    client: EventBridgeClient = boto3.client("events", config=config)
    return client


@cache
def cloudwatch() -> "CloudWatchClient":
    """CloudWatch, with the patience of boto3."""
    import boto3

    client: CloudWatchClient = boto3.client("cloudwatch")
    return client


@cache
def sns() -> "SNSClient":
    """SNS, tried once only: a message that may have been sent is not sent again."""
    import boto3
    from botocore.config import Config

    client: SNSClient = boto3.client("sns", config=Config(retries={"total_max_attempts": 1}))
    return client


@cache
def live_sockets() -> "ApiGatewayManagementApiClient":
    """The WebSockets of live updates. Tried once, and briefly: another one waits, and the client catches up."""
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1},
        max_pool_connections=LIVE_SENDERS,
    )
    # The address of the WebSocket itself, with http for ws
    endpoint = settings().live_url.replace("ws", "http", 1)
    client: ApiGatewayManagementApiClient = boto3.client(
        "apigatewaymanagementapi", endpoint_url=endpoint, config=config
    )
    return client


@cache
def s3() -> "S3Client":
    """S3, signing with version 4; at `S3_ENDPOINT` by path, at AWS by host name."""
    here = settings()
    return _s3_at(here.s3_endpoint, addressing="path" if here.s3_endpoint else "virtual")


@cache
def s3_for_callers() -> "S3Client":
    """What signs the links and forms that callers use: at `S3_ACCELERATED_ENDPOINT`, if there is one, and else as `s3`.

    The buckets have to allow it (Amazon S3 Transfer Acceleration).
    """
    here = settings()
    return _s3_at(here.s3_accelerated_endpoint, addressing="virtual") if here.s3_accelerated_endpoint else s3()


def _s3_at(endpoint: str | None, *, addressing: Literal["path", "virtual"]) -> "S3Client":
    import boto3
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": addressing},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=TRANSFER_READ_SECONDS,
        retries={"mode": "standard"},
    )
    client: S3Client = boto3.client("s3", region_name=settings().s3_region, endpoint_url=endpoint, config=config)
    return client
