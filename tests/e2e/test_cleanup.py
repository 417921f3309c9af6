"""Jobs whose time is over, on the whole stack: the cleanup's own role, and the stream that takes their files along."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from jobmill.times import milliseconds, now_utc
from jobmill_client import ApiProblem, Client
from jobmill_local.stack import Stack

PATIENCE_SECONDS = 60


def objects(stack: Stack, job_id: str) -> list[str]:
    """The keys of the reports that a job has in S3."""
    found = stack.aws("s3").list_objects_v2(Bucket=stack.outputs["ReportsBucketName"])
    return [each["Key"] for each in found.get("Contents", ()) if job_id in each["Key"]]


def let_expire(stack: Stack, job_id: str) -> None:
    """Let the job's time be over, as its row has it."""
    over = milliseconds(now_utc() - timedelta(minutes=1))
    stack.aws("dynamodb").update_item(
        TableName=stack.outputs["TableName"],
        Key={"pk": {"S": f"job#{job_id}"}, "sk": {"S": "job"}},
        UpdateExpression="SET expires_at = :seconds, look_at = :milliseconds",
        ExpressionAttributeValues={":seconds": {"N": str(over // 1000)}, ":milliseconds": {"N": str(over)}},
    )


def code_of(client: Client, job_id: str) -> str:
    with pytest.raises(ApiProblem) as problem:
        client.job(job_id)
    return problem.value.code


@pytest.mark.requirement("A11")
def test_a_job_whose_time_is_over_goes_with_its_report(
    stack: Stack, client_for: Callable[[str], Client], tmp_path: Path
) -> None:
    client = client_for("demo")
    path = tmp_path / "places.csv"
    path.write_text("code,name\n007,Oslo\n")
    client.import_file(path, dataset="e2e-cleanup", project_id="demo", timeout=120)
    asked = client.submit("Export", {"dataset": "e2e-cleanup", "format": "csv"}, project_id="demo")
    job = client.wait(asked.id, timeout=120).raise_unless_completed()
    kept = client.submit("Export", {"dataset": "e2e-cleanup", "format": "csv"}, project_id="demo")
    client.wait(kept.id, timeout=120).raise_unless_completed()
    assert len(objects(stack, job.id)) == 1

    let_expire(stack, job.id)
    assert code_of(client, job.id) == "job-gone"
    called = stack.aws("lambda").invoke(FunctionName=stack.outputs["CleanupFunctionName"], Payload=b"{}")
    assert (json.loads(called["Payload"].read()), called.get("FunctionError")) == (1, None)

    until = time.monotonic() + PATIENCE_SECONDS
    while objects(stack, job.id):
        assert time.monotonic() < until, "the report stays"
        time.sleep(0.2)
    assert (code_of(client, job.id), code_of(client_for("other"), job.id)) == ("job-gone", "job-not-found")
    assert client.job(kept.id).status == "Completed"
    assert len(objects(stack, kept.id)) == 1
