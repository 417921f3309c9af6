"""The stack's event bus as another system sees it: a rule with a queue of its own; and buses that are away."""

import json
from typing import Any

import boto3
from botocore.exceptions import EndpointConnectionError

from jobmill.settings import settings
from tests.stack.conftest import EVENT_BUS

QUEUE = "other-system"


def listen() -> None:
    """Have a queue that gets all of Jobmill's events from now on."""
    events, sqs = boto3.client("events"), boto3.client("sqs")
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="all", EventBusName=EVENT_BUS, EventPattern=json.dumps({"source": ["jobmill"]}))
    events.put_targets(Rule="all", EventBusName=EVENT_BUS, Targets=[{"Id": "queue", "Arn": arn}])


def heard() -> list[dict[str, Any]]:
    """What that queue has got since it was last asked: EventBridge's envelopes."""
    return bodies(boto3.client("sqs").get_queue_url(QueueName=QUEUE)["QueueUrl"])


def waiting() -> list[dict[str, Any]]:
    """The events that wait for the bus; they no longer do."""
    return bodies(settings().announcements_queue_url)


def bodies(url: str) -> list[dict[str, Any]]:
    sqs, found = boto3.client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


class Bus:
    """In the place of EventBridge's client: takes what `refused` does not name by its id, and notes each call."""

    def __init__(self, *refused: str, away: bool = False) -> None:
        self.refused = refused
        self.away = away
        self.calls: list[list[dict[str, Any]]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        self.calls.append(Entries)
        if self.away:
            raise EndpointConnectionError(endpoint_url="https://events.example.com")
        answers = [self._answer(json.loads(entry["Detail"])) for entry in Entries]
        return {"FailedEntryCount": sum("ErrorCode" in answer for answer in answers), "Entries": answers}

    def _answer(self, detail: dict[str, Any]) -> dict[str, str]:
        if detail["id"] in self.refused:
            return {"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"}
        return {"EventId": "1"}
