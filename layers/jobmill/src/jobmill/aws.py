"""Clients of AWS's APIs, each made at its first use: importing boto3 costs most of a cold start."""

from functools import cache
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from jobmill.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

# A request that waits for a dependency gives up early: the caller waits, and the reconciler repeats.
CONNECT_SECONDS = 1
READ_SECONDS = 2
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
def s3() -> "S3Client":
    """S3, signing with version 4; at `S3_ENDPOINT` by path, at AWS by host name."""
    import boto3
    from botocore.config import Config

    here = settings()
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if here.s3_endpoint else "virtual"},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=TRANSFER_READ_SECONDS,
        retries={"mode": "standard"},
    )
    client: S3Client = boto3.client("s3", region_name=here.s3_region, endpoint_url=here.s3_endpoint, config=config)
    return client
