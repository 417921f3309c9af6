"""Which call of AWS an HTTP request is, and what it is about: read from its head and body alone."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

DYNAMODB, SQS, STEP_FUNCTIONS, SECRETS, EVENTS, S3 = "dynamodb", "sqs", "states", "secretsmanager", "events", "s3"
_TARGETS = {
    "DynamoDB_20120810": DYNAMODB,
    "AmazonSQS": SQS,
    "AWSStepFunctions": STEP_FUNCTIONS,
    "AWSEvents": EVENTS,
    SECRETS: SECRETS,
}
_TOKEN_CHARACTERS = 12


@dataclass(frozen=True)
class Call:
    """One call: `service` as in AWS's endpoints, `operation` as in its API, and the facts that tell it apart."""

    service: str
    operation: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def call_of(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Call:
    """The call of a request: `target` is its path with the query; names of headers are in small letters."""
    prefix, _, operation = headers.get("x-amz-target", "").partition(".")
    service = _TARGETS.get(prefix)
    if service is None:
        return _s3_call(method, target, headers)
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        content = {}
    return Call(service, operation, _FACTS[service](content))


def token_digest(token: str) -> str:
    """A short name for a task token: tokens are secrets, and no log holds them."""
    return hashlib.sha256(token.encode()).hexdigest()[:_TOKEN_CHARACTERS]


def _dynamodb_facts(content: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {"keys": [_key(entry) for entry in _entries(content)]}
    if content.get("ConsistentRead") or any(
        tables.get("ConsistentRead") for tables in content.get("RequestItems", {}).values() if isinstance(tables, dict)
    ):
        facts["consistent"] = True
    if "IndexName" in content:
        facts["index"] = content["IndexName"]
    return facts


def _entries(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a request that name one row each."""
    if "TransactItems" in content:
        return [part for item in content["TransactItems"] for part in item.values()]
    if "RequestItems" in content:
        return [{"Key": key} for table in content["RequestItems"].values() for key in _keys_of(table)]
    return [content] if "Key" in content or "Item" in content else []


def _keys_of(table: Any) -> list[Any]:
    return list(table.get("Keys", [])) if isinstance(table, dict) else []


def _key(entry: dict[str, Any]) -> str:
    row = entry.get("Key") or entry.get("Item") or {}
    return "|".join(next(iter(row[name].values())) for name in ("pk", "sk") if name in row)


def _sqs_facts(content: dict[str, Any]) -> dict[str, Any]:
    facts = {"queue": str(content.get("QueueUrl", "")).rpartition("/")[2]}
    try:
        body = json.loads(content.get("MessageBody", ""))
        return facts | {"job_id": body["job_id"], "run": body["run"]}
    except (ValueError, KeyError, TypeError):
        return facts


def _step_functions_facts(content: dict[str, Any]) -> dict[str, Any]:
    facts = {}
    if "taskToken" in content:
        facts["token"] = token_digest(content["taskToken"])
    if "error" in content:
        facts["error"] = content["error"]
    name = content.get("name") or str(content.get("executionArn", "")).rpartition(":")[2]
    return facts | ({"execution": name} if name else {})


def _secrets_facts(content: dict[str, Any]) -> dict[str, Any]:
    return {"stage": content["VersionStage"]} if "VersionStage" in content else {}


def _events_facts(content: dict[str, Any]) -> dict[str, Any]:
    return {"events": len(content.get("Entries", ()))}


_FACTS = {
    DYNAMODB: _dynamodb_facts,
    SQS: _sqs_facts,
    STEP_FUNCTIONS: _step_functions_facts,
    EVENTS: _events_facts,
    SECRETS: _secrets_facts,
}

# By method, and whether the query names uploads, one upload, or lists.
_S3_OPERATIONS = (
    ("POST", "delete", "DeleteObjects"),
    ("POST", "uploads", "CreateMultipartUpload"),
    ("PUT", "uploadId", "UploadPart"),
    ("POST", "uploadId", "CompleteMultipartUpload"),
    ("DELETE", "uploadId", "AbortMultipartUpload"),
    ("GET", "list-type", "ListObjectsV2"),
    ("GET", "tagging", "GetObjectTagging"),
)
_S3_PLAIN = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject", "POST": "PostForm"}


def _s3_call(method: str, target: str, headers: Mapping[str, str]) -> Call:
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True)
    operation = next(
        (name for verb, key, name in _S3_OPERATIONS if verb == method and key in query),
        "CopyObject" if "x-amz-copy-source" in headers else _S3_PLAIN.get(method, method),
    )
    return Call(S3, operation, {"key": re.sub(r"^/", "", unquote(parts.path))})
