"""The table's stream: records made of real rows, given to the notifier."""

from typing import Any

import boto3

from notifier.handler import handler
from tests.stack.conftest import TABLE
from tests.stack.http import LambdaContext

Image = dict[str, Any]


def image(job_id: str) -> Image:
    key = {"pk": {"S": f"job#{job_id}"}, "sk": {"S": "job"}}
    return boto3.client("dynamodb").get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"]


def record(new: Image | None, old: Image | None = None) -> dict[str, Any]:
    keys = {name: (new or old or {})[name] for name in ("pk", "sk")}
    change: dict[str, Any] = {"Keys": keys}
    if new:
        change["NewImage"] = new
    if old:
        change["OldImage"] = old
    return {"eventID": "1", "eventSource": "aws:dynamodb", "dynamodb": change}


def notify(*records: dict[str, Any]) -> None:
    handler({"Records": list(records)}, LambdaContext())
