"""Reads what a chaos run left: the table and its stream, the buckets, the queues, the executions, the proxy's log."""

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from jobmill_client import Client
from jobmill_local.stack import Stack
from tests.chaos.callers import Callers
from tests.chaos.calls_seen import calls_seen
from tests.chaos.evidence import Content, Evidence, Image, Leftover, Version
from tests.chaos.work import PROJECTS, Project

STORING = frozenset({"PutObject", "CompleteMultipartUpload"})
QUEUES = ("Starts", "Import", "Export")


def collect(
    stack: Stack, client: Client, callers: Callers, projects: Sequence[Project], log: Path, folder: Path
) -> Evidence:
    """The evidence of a run that has settled."""
    evidence = Evidence(accepted=callers.accepted, answers=callers.answers, images={}, rows={})
    evidence.prepared = frozenset(job_id for project in projects for job_id in project.prepared)
    for record in stream_records(stack):
        _add_record(evidence, record)
    for item in table_items(stack):
        _add_item(evidence, item)
    _read_files(evidence, stack, folder)
    evidence.stored_at = stored_at(log)
    evidence.counts = {project_id: counts(client, project_id) for project_id in PROJECTS}
    evidence.open_executions = list(open_executions(stack))
    evidence.leftovers = list(leftovers(stack))
    return evidence


def counts(client: Client, project_id: str) -> dict[str, int]:
    """The API's counts of a project, by status."""
    told = client.stats(project_id)
    statuses = ("Queued", "Running", "Completed", "Failed", "Cancelled")
    return {status: getattr(told, status.lower()) for status in statuses}


def stream_records(stack: Stack) -> Iterator[dict[str, Any]]:
    """All changes of the table, each item's in their order."""
    table = stack.aws("dynamodb").describe_table(TableName=stack.outputs["TableName"])["Table"]
    streams = stack.aws("dynamodbstreams")
    arn = table["LatestStreamArn"]
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.get_shard_iterator(**place)["ShardIterator"]
        while iterator:
            page = streams.get_records(ShardIterator=iterator)
            yield from page["Records"]
            iterator = page.get("NextShardIterator") if page["Records"] else None


def table_items(stack: Stack) -> Iterator[dict[str, Any]]:
    """All rows of the table."""
    pages = stack.aws("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"])
    for page in pages:
        for item in page["Items"]:
            yield _plain(item)


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    read = TypeDeserializer().deserialize
    return {name: read(value) for name, value in item.items()}


def image_of(item: dict[str, Any]) -> Image:
    """A job's row, as the checker sees it."""
    optional = {name: item.get(name) for name in ("completed_at", "progress")}
    return Image(
        job_id=item["id"],
        project_id=item["project_id"],
        type=item["type"],
        status=item["status"],
        **{name: int(item[name]) for name in ("version", "run", "attempt", "updated_at")},
        **{name: None if value is None else int(value) for name, value in optional.items()},
        error_code=json.loads(item["error"])["code"] if item.get("error") else None,
        last_event=item["events"][-1]["kind"] if item["events"] else None,
        result=json.loads(item["result"]) if item.get("result") else None,
        reports=tuple({"key": each["key"], "sha256": each["sha256"]} for each in item["reports"]),
    )


def _add_record(evidence: Evidence, record: dict[str, Any]) -> None:
    new = record["dynamodb"].get("NewImage")
    if new is None:
        return
    kind = new["sk"]["S"]
    if kind == "job":
        image = image_of(_plain(new))
        evidence.images.setdefault(image.job_id, []).append(image)
    elif kind.startswith("version#"):
        version = _version_of(_plain(new))
        name = f"{version.project_id}/{version.dataset}/{version.version}"
        evidence.version_writes[name] = evidence.version_writes.get(name, 0) + 1


def _add_item(evidence: Evidence, item: dict[str, Any]) -> None:
    if item["sk"] == "job":
        image = image_of(item)
        evidence.rows[image.job_id] = image
    elif item["sk"].startswith("version#"):
        evidence.versions.append(_version_of(item))


def _version_of(item: dict[str, Any]) -> Version:
    _, project_id, dataset = item["pk"].split("#")
    return Version(project_id, dataset, int(item["version"]), item["job_id"], item["manifest_key"])


def _read_files(evidence: Evidence, stack: Stack, folder: Path) -> None:
    s3 = stack.aws("s3")
    connection = duckdb.connect()
    for version in evidence.versions:
        content = _content(s3, connection, stack.outputs["DatasetsBucketName"], version.manifest_key, folder)
        if content:
            evidence.contents[version.manifest_key] = content
    for row in evidence.rows.values():
        for report in row.reports:
            body = _object(s3, stack.outputs["ReportsBucketName"], report["key"])
            if body is not None:
                evidence.report_digests[report["key"]] = hashlib.sha256(body).hexdigest()


def _content(
    s3: Any, connection: duckdb.DuckDBPyConnection, bucket: str, manifest_key: str, folder: Path
) -> Content | None:
    manifest = _object(s3, bucket, manifest_key)
    if manifest is None:
        return None
    rows: list[tuple[int, str]] = []
    for key in json.loads(manifest)["parts"]:
        body = _object(s3, bucket, key)
        if body is None:
            return None
        part = folder / "part.parquet"
        part.write_bytes(body)
        rows += connection.execute("SELECT number, text FROM read_parquet(?)", [str(part)]).fetchall()
    text = "\n".join(f"{number},{text}" for number, text in rows)
    return Content(len(rows), len(set(rows)), hashlib.sha256(text.encode()).hexdigest())


def _object(s3: Any, bucket: str, key: str) -> bytes | None:
    target = io.BytesIO()
    try:
        target.write(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return None
    return target.getvalue()


def stored_at(log: Path) -> dict[str, int]:
    """When each object was first stored, by its key in its bucket."""
    times: dict[str, int] = {}
    for call in calls_seen(log):
        if call.operation in STORING and call.status == 200:
            _, _, key = call.keys[0].partition("/")
            times[key] = min(call.ended_at, times.get(key, call.ended_at))
    return times


def faults(log: Path) -> Counter[str]:
    """How many calls met each fault."""
    return Counter(call.fault for call in calls_seen(log) if call.fault)


def open_executions(stack: Stack) -> Iterator[str]:
    """The names of the executions that go on."""
    machines = [arn for name, arn in stack.outputs.items() if name.endswith("MachineArn")]
    paginator = stack.aws("stepfunctions").get_paginator("list_executions")
    for arn in machines:
        for page in paginator.paginate(stateMachineArn=arn, statusFilter="RUNNING"):
            yield from (execution["name"] for execution in page["executions"])


def leftovers(stack: Stack) -> Iterator[Leftover]:
    """The messages that can be received from the queues and their dead letters, which are taken away by it."""
    sqs = stack.aws("sqs")
    for queue in QUEUES:
        for output in (f"{queue}QueueUrl", f"{queue}DeadLettersUrl"):
            url = stack.outputs[output]
            while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get(
                "Messages"
            ):
                for message in messages:
                    body = json.loads(message["Body"])
                    yield Leftover(output, body["job_id"], int(body["run"]))
