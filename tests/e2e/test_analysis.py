"""The analysis API by curl: the very lines of the README and of the transcript in the docs, against the stack."""

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from jobmill_client import Client
from jobmill_local.stack import Stack
from tests.e2e.transcripts import JOB_ID, Shell, block, masked, shape, steps

ROOT = Path(__file__).parents[2]
TRANSCRIPT = block(ROOT / "docs" / "analysis-api.md", "console", "analyze-file")


@pytest.fixture
def shell(stack: Stack, tmp_path: Path) -> Shell:
    return Shell(tmp_path, {"API": stack.api_url, "TOKEN": stack.token("demo")})


def assert_as_shown(found: Any, shown: Any) -> None:
    """The same answer, in the same order, but for ids and what depends on the time."""
    if isinstance(shown, dict) and "total" in shown:
        assert list(found) == list(shown)
        assert shape(found) == shape(shown)
        return
    if isinstance(shown, dict) and "progress" in shown:
        if found["status"] == "completed":  # it was quicker than in the transcript
            return
        found |= {"progress": shown["progress"]}
    assert masked(found) == masked(shown)


@pytest.mark.requirement("A1")
@pytest.mark.requirement("A6")
@pytest.mark.requirement("A12")
def test_the_transcript_of_the_docs_is_what_happens(shell: Shell, tmp_path: Path) -> None:
    found = steps(TRANSCRIPT)
    assert sum("curl" in step.command for step in found) >= 5
    for step in found:
        assert_as_shown(shell.answer(step), step.answer)
    assert load_workbook(tmp_path / "result.xlsx").sheetnames[:1] == ["Summary"]


@pytest.mark.requirement("A14")
def test_the_lines_of_the_readme_start_an_analysis_and_show_it(shell: Shell) -> None:
    started, shown = shell.run(block(ROOT / "README.md", "sh", "analyze-file")).splitlines()
    assert json.loads(started)["message"] == "Analysis started. Use the jobId to check progress."
    assert json.loads(shown)["jobId"] == json.loads(started)["jobId"]
    assert json.loads(shown)["status"] in ("processing", "completed")


@pytest.mark.requirement("A1")
def test_a_workbook_arrives_byte_for_byte(stack: Stack, shell: Shell, tmp_path: Path) -> None:
    """Forms come to the function in base64: a gateway that took them for text would damage this file."""
    content = bytes(range(256)) * 1000
    (tmp_path / "crawl.xlsx").write_bytes(content)
    answer = shell.run(
        'curl -s "$API/api/v1/analysis/analyze-file" -H "Authorization: Bearer $TOKEN" -F file=@crawl.xlsx'
    )
    assert JOB_ID.fullmatch(json.loads(answer)["jobId"])
    s3, bucket = stack.aws("s3"), uploads_bucket(stack)
    (key,) = (
        each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"] if each["Key"].endswith("/crawl.xlsx")
    )
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == content


@pytest.mark.requirement("A8")
def test_the_client_and_the_command_analyse_a_file(client_for, jobmill, tmp_path: Path) -> None:
    client: Client = client_for("demo")
    path = tmp_path / "crawl.csv"
    path.write_text("url,status,title\nhttps://shop.example.com/,200,Shop\n")
    status = client.wait_for_analysis(client.analyze_file(path), timeout=120)
    assert (status.status, len(status.onpage_results)) == ("completed", 1), status.error
    assert client.check_job_status(status.job_id) == status
    jobmill("analyze", str(path), "-o", "out.xlsx")
    assert load_workbook(tmp_path / "out.xlsx").sheetnames[:1] == ["Summary"]


def uploads_bucket(stack: Stack) -> str:
    """The name of the bucket of uploads."""
    (name,) = (each["Name"] for each in stack.aws("s3").list_buckets()["Buckets"] if "uploadsbucket" in each["Name"])
    return str(name)
