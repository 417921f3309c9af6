"""Tests of the store and the handlers on moto: the template's own table, buckets and queues, in memory."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy, deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.model import StructureShape
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.config import DefaultConfig
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from jobmill import aws
from jobmill.announcements import services as announcement_services
from jobmill.jobs import services as job_services
from jobmill.links import services as link_services
from jobmill.live import services as live_services
from jobmill.processing import services as processing_services
from jobmill.processing.attempt import Tools
from jobmill.processing.machine import Machine
from jobmill.processing.services import tools
from jobmill.projects import register
from jobmill.projects import services as project_services
from jobmill.reports import services as report_services
from jobmill.settings import settings
from jobmill.tasks import services as task_services
from tests.stack.attempts import Ear

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
TABLE = "jobmill-test"
BUCKETS = {
    "UPLOADS_BUCKET": "jobmill-uploads",
    "DATASETS_BUCKET": "jobmill-datasets",
    "S3_REPORTS_BUCKET": "jobmill-reports",
    "TASKS_BUCKET": "jobmill-tasks",
}
LINK_KEYS = "jobmill-link-keys"
EVENT_BUS = "jobmill-test"
MACHINES = "arn:aws:states:eu-central-1:123456789012:stateMachine:jobmill-test-"


class _Template(yaml.SafeLoader):
    """Reads the template's plain parts; intrinsic functions become None."""


_Template.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


@cache
def resources() -> dict[str, Any]:
    """The template's resources by their names, without what intrinsic functions make."""
    found = yaml.load(TEMPLATE.read_text(), _Template)["Resources"]
    return {name: each for name, each in found.items() if isinstance(each, dict) and "Type" in each}


@cache
def table_properties() -> dict[str, Any]:
    """The table's keys and indexes as the template has them."""
    (table,) = (each for each in resources().values() if each["Type"] == "AWS::DynamoDB::Table")
    names = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
    return {name: table["Properties"][name] for name in names}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the template would tell a function, and nothing of the machine's own."""
    values = BUCKETS | {
        "TABLE": TABLE,
        "MACHINE_ARN_PREFIX": MACHINES,
        "PUBLIC_URL": "https://jobs.example.com",
        "LIVE_URL": "wss://live.example.com/live",
        "LINK_KEYS_SECRET": LINK_KEYS,
        "EVENT_BUS": EVENT_BUS,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def one_request_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each of moto's requests atomic, as AWS's are: a read beside a write breaks inside moto 5.2.5."""
    lock, answer = threading.RLock(), BotocoreStubber.__call__

    def locked(self: BotocoreStubber, *arguments: Any, **named: Any) -> Any:
        with lock:
            return answer(self, *arguments, **named)

    monkeypatch.setattr(BotocoreStubber, "__call__", locked)


def cheap_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto 5.2.5 keep, of a table that a transaction may have to be undone in, copies of the rows that it names.

    Its own copy of all rows, for each of the transaction's items, was most of the time that these tests took.
    """
    write = DynamoDBBackend.transact_write_items
    named: set[tuple[str, str]] = set()

    def with_named(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        operations = [operation for item in transact_items for operation in item.values()]
        keys = [operation.get("Key") or operation["Item"] for operation in operations]
        named.clear()
        named.update((str(key["pk"]["S"]), str(key["sk"]["S"])) for key in keys)
        write(self, transact_items)

    def kept(table: Table, memo: dict[int, Any]) -> Table:
        backup = copy(table)
        backup.items = defaultdict(dict)
        for pk, rows in table.items.items():
            backup.items[pk] = dict(rows)
        for pk, rows in backup.items.items():
            for sk, row in rows.items():
                if (pk.value, sk.value) in named:
                    rows[sk] = deepcopy(row)
        if table.stream_shard:
            backup.stream_shard = copy(table.stream_shard)
            backup.stream_shard.items = [*table.stream_shard.items]
        return backup

    monkeypatch.setattr(DynamoDBBackend, "transact_write_items", with_named)
    monkeypatch.setattr(Table, "__deepcopy__", kept, raising=False)


def cheap_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto 5.2.5 write, of each value in a row, the one member that it has.

    To look in each value for all ten that it might have, by three names each, was half of these tests' time.
    """
    write = BaseJSONSerializer._serialize_type_structure

    def with_present(
        self: BaseJSONSerializer, serialized: dict[str, Any], value: Any, shape: StructureShape, key: str
    ) -> None:
        if shape.name != "AttributeValue" or type(value) is not dict or not key:
            return write(self, serialized, value, shape, key)
        wrapper: dict[str, Any] = {}
        for name, member in value.items():
            self._serialize(wrapper, member, shape.members[name], name)
        return self._default_serialize(serialized, wrapper, shape, key)

    monkeypatch.setattr(BaseJSONSerializer, "_serialize_type_structure", with_present)


_CLIENTS: dict[str, Any] = {}
_make_client = boto3.client


def lasting_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whoever asks boto3 for the same client get the same one, in all tests: making one was a third of their time.

    moto answers a request whichever client sends it; what a client remembers is its service, place and patience.
    """

    def client(service_name: str, **how: Any) -> Any:
        config = how.get("config")
        options = config and sorted(vars(config)["_user_provided_options"].items())
        asked = repr((service_name, how | {"config": options}))
        if asked not in _CLIENTS:
            _CLIENTS[asked] = _make_client(service_name, **how)
        return _CLIENTS[asked]

    monkeypatch.setattr(boto3, "client", client)


@contextmanager
def empty_aws(monkeypatch: pytest.MonkeyPatch, config: DefaultConfig | None = None) -> Iterator[None]:
    """An empty AWS with the stack's table, buckets and queues; what holds clients is made anew in it."""
    cached = [
        aws.s3, aws.s3_for_callers, aws.sqs, aws.step_functions, aws.secrets, aws.scheduler, aws.cloudwatch, aws.sns,
        aws.live_sockets, live_services.sender, live_services.pace,
        aws.events, announcement_services.announcer,
        settings,
        job_services.store, job_services.lifecycle,
        job_services.starts,
        job_services.executions,
        job_services.recovery, processing_services.tools, project_services.leftovers, project_services.gone_jobs,
        register.known_here,
        report_services.report_files, link_services.links, task_services.storage, task_services.task_cache,
    ]  # fmt: skip
    one_request_at_a_time(monkeypatch)
    cheap_transactions(monkeypatch)
    cheap_answers(monkeypatch)
    lasting_clients(monkeypatch)
    with mock_aws(config=config):
        boto3.client("dynamodb").create_table(TableName=TABLE, **table_properties())
        s3, place = boto3.client("s3"), {"LocationConstraint": "eu-central-1"}
        for bucket in BUCKETS.values():
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        versioned = {"Status": "Enabled"}
        s3.put_bucket_versioning(Bucket=BUCKETS["TASKS_BUCKET"], VersioningConfiguration=versioned)
        boto3.client("secretsmanager").create_secret(Name=LINK_KEYS, SecretString="a key of links, for tests " * 2)
        starts = boto3.client("sqs").create_queue(QueueName="starts")
        monkeypatch.setenv("STARTS_QUEUE_URL", starts["QueueUrl"])
        announcements = boto3.client("sqs").create_queue(QueueName="announcements")
        monkeypatch.setenv("ANNOUNCEMENTS_QUEUE_URL", announcements["QueueUrl"])
        boto3.client("events").create_event_bus(Name=EVENT_BUS)
        for each in cached:
            each.cache_clear()
        yield
        for each in cached:
            each.cache_clear()


@pytest.fixture
def cloud(environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An AWS of the test's own, whose state machines do not run."""
    with empty_aws(monkeypatch):
        yield


@pytest.fixture
def ear() -> Ear:
    """What the machine hears."""
    return Ear()


@pytest.fixture
def kit(cloud: None, ear: Ear) -> Tools:
    """The tools of an attempt whose watch looks all the time."""
    quick = replace(tools().settings, progress_interval=timedelta(milliseconds=10))
    return replace(tools(), machine=Machine(lambda: ear), settings=quick)
