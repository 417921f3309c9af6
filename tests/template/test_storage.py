"""Table and buckets: what the local AWS takes without a word, or drops."""

from datetime import timedelta
from typing import Any

import pytest

from jobmill.reports.storage import retention_tag
from tests.template.expansion import Expansion, expand, mentions

BUCKETS = ("UploadsBucket", "DatasetsBucket", "ReportsBucket")


@pytest.fixture
def table(aws: Expansion) -> dict[str, Any]:
    return aws.of_type("AWS::DynamoDB::Table")["Table"]


def rules(aws: Expansion, bucket: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = aws.of_type("AWS::S3::Bucket")[bucket]["LifecycleConfiguration"]["Rules"]
    return found


def test_rows_expire_by_their_own_time(table: dict[str, Any]) -> None:
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_table_can_be_restored_and_is_encrypted(table: dict[str, Any]) -> None:
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}


def test_the_table_is_paid_by_request_and_tells_both_images(table: dict[str, Any]) -> None:
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_the_indexes_hold_keys_only(table: dict[str, Any]) -> None:
    keys = {
        index["IndexName"]: tuple(key["AttributeName"] for key in index["KeySchema"])
        for index in table["GlobalSecondaryIndexes"]
    }

    assert keys == {
        "by_project": ("project_id", "id"),
        "by_status": ("scope", "status_id"),
        "by_look": ("look_shard", "look_at"),
    }
    projections = [index["Projection"] for index in table["GlobalSecondaryIndexes"]]
    assert projections == [{"ProjectionType": "KEYS_ONLY"}] * 3


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_private_and_encrypted(aws: Expansion, bucket: str) -> None:
    properties = aws.of_type("AWS::S3::Bucket")[bucket]

    assert properties["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    encryption = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_on_aws_refuses_plain_http(aws: Expansion, bucket: str) -> None:
    policy = aws.resources[f"{bucket}Policy"]
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]

    assert policy["Condition"] == "IsOnAws"
    assert policy["Properties"]["Bucket"] == {"Ref": bucket}
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    # The bucket itself and all in it; the expansion writes the join of the second as text.
    whole, objects = statement["Resource"]
    assert mentions(whole, bucket)
    assert bucket in objects
    assert objects.endswith("/*")


def test_uploads_expire(aws: Expansion) -> None:
    days = aws.parameters["UploadRetentionDays"]

    assert {"Id": "expire", "Status": "Enabled", "ExpirationInDays": days} in rules(aws, "UploadsBucket")


@pytest.mark.parametrize("hours", [1, 24, 25, 720])
def test_reports_expire_by_the_tag_that_the_code_writes(aws: Expansion, hours: int) -> None:
    key, value = retention_tag(timedelta(hours=hours)).split("=")
    tags = [{"Key": key, "Value": value}]
    (rule,) = [rule for rule in rules(aws, "ReportsBucket") if rule.get("TagFilters") == tags]

    assert rule["ExpirationInDays"] * 24 > hours
    assert rule["Status"] == "Enabled"


@pytest.mark.requirement("U8")
def test_acceleration_is_switched_on_for_the_buckets_and_for_the_links_together(aws: Expansion) -> None:
    fast = expand(S3Acceleration="On")

    for bucket in ("UploadsBucket", "ReportsBucket"):
        assert fast.of_type("AWS::S3::Bucket")[bucket]["AccelerateConfiguration"] == {"AccelerationStatus": "Enabled"}
        assert "AccelerationStatus" not in str(aws.of_type("AWS::S3::Bucket")[bucket])
    names = [stack.resources["JobsApi"]["Properties"]["Environment"]["Variables"] for stack in (aws, fast)]
    assert [each["S3_ACCELERATED_ENDPOINT"] for each in names] == ["", "https://s3-accelerate.amazonaws.com"]


def test_of_the_datasets_bucket_only_work_in_progress_expires(aws: Expansion) -> None:
    expiring = [(rule["Prefix"], rule["Status"]) for rule in rules(aws, "DatasetsBucket") if "ExpirationInDays" in rule]

    assert expiring == [("work/", "Enabled")]


@pytest.mark.parametrize("bucket", BUCKETS)
def test_parts_of_an_unfinished_transfer_go_after_a_day(aws: Expansion, bucket: str) -> None:
    unfinished = [rule["AbortIncompleteMultipartUpload"] for rule in rules(aws, bucket) if "Abort" in str(rule)]

    assert unfinished == [{"DaysAfterInitiation": 1}]


def test_a_page_of_the_api_may_post_to_the_uploads_bucket(aws: Expansion, local: Expansion) -> None:
    (on_aws,) = aws.of_type("AWS::S3::Bucket")["UploadsBucket"]["CorsConfiguration"]["CorsRules"]
    (here,) = local.of_type("AWS::S3::Bucket")["UploadsBucket"]["CorsConfiguration"]["CorsRules"]

    assert on_aws["AllowedMethods"] == ["POST"]
    assert on_aws["AllowedOrigins"] == ["https://${Api}.execute-api.eu-central-1.amazonaws.com"]
    assert here["AllowedOrigins"] == [local.parameters["LocalEndpoint"]]


@pytest.mark.parametrize("name", [*BUCKETS, "Table"])
def test_data_outlives_a_deleted_stack_unless_it_is_asked_not_to(aws: Expansion, name: str) -> None:
    asked = expand(DataDeletionPolicy="Delete")

    for attribute in ("DeletionPolicy", "UpdateReplacePolicy"):
        assert aws.resources[name][attribute] == "Retain"
        assert asked.resources[name][attribute] == "Delete"


def test_users_outlive_an_attempt_to_delete_the_stack_unless_it_is_asked_not_to(aws: Expansion) -> None:
    asked = expand(DataDeletionPolicy="Delete")

    assert aws.of_type("AWS::Cognito::UserPool")["UserPool"]["DeletionProtection"] == "ACTIVE"
    assert asked.of_type("AWS::Cognito::UserPool")["UserPool"]["DeletionProtection"] == "INACTIVE"
