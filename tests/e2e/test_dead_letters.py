"""A message that no worker could take: its job ends as poison, is listed, and completes once it is redriven."""

import time
from pathlib import Path

from jobmill_local.stack import Stack
from jobmill_local.workers import set_processors
from tests.e2e.jobs import import_params


def test_a_dead_letter_ends_its_job_and_a_redrive_does_it(stack: Stack, tmp_path: Path) -> None:
    client, sqs = stack.client("demo"), stack.aws("sqs")
    path = tmp_path / "small.csv"
    path.write_text("code,name\n007,Oslo\n")
    set_processors(stack, paused=True)
    try:
        job = client.submit("Import", import_params(client, path, "e2e-dead"), project_id="demo")
        queue, until = stack.outputs["ImportQueueUrl"], time.monotonic() + 60
        while not (messages := sqs.receive_message(QueueUrl=queue).get("Messages")) and time.monotonic() < until:
            time.sleep(0.2)
        assert messages
        # What SQS does by itself when five deliveries of a message have failed.
        sqs.send_message(QueueUrl=stack.outputs["ImportDeadLettersUrl"], MessageBody=messages[0]["Body"])
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=messages[0]["ReceiptHandle"])
        failed = client.wait(job.id, timeout=60)
    finally:
        set_processors(stack, paused=False)
    assert (failed.status, failed.error_code) == ("Failed", "poison")
    assert [letter.id for letter in client.dead_letters("demo")] == [job.id]
    (outcome,) = client.redrive("demo")
    assert (outcome.id, outcome.outcome) == (job.id, "queued")
    assert client.wait(job.id, timeout=60).raise_unless_completed().run == 2
    assert list(client.dead_letters("demo")) == []
