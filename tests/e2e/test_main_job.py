"""The main job, by the public API alone: a real file in, a dataset, a workbook out, equal cell by cell."""

import csv
import time
from pathlib import Path

import airportsdata
import pytest
import requests
from openpyxl import load_workbook

from jobmill_client import Client
from jobmill_local.stack import Stack

AIRPORTS = Path(airportsdata.__file__).with_name("airports.csv")


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    return stack.client("demo")


@pytest.fixture(scope="module")
def dataset(client: Client) -> str:
    """The airports, imported."""
    job = client.import_file(AIRPORTS, dataset="e2e-airports", project_id="demo", timeout=120)
    assert job.result["recordsProcessed"] == job.result["recordsCreated"] > 28_000
    assert job.result["errors"] == 0
    return "e2e-airports"


@pytest.mark.requirement("J1")
@pytest.mark.requirement("J13")
@pytest.mark.requirement("C1")
def test_the_exported_workbook_equals_the_csv_cell_by_cell(client: Client, dataset: str, tmp_path: Path) -> None:
    exported = client.export(dataset, tmp_path / "airports.xlsx", project_id="demo", timeout=120)
    sheet = load_workbook(exported.files[0]).active
    assert sheet is not None
    with AIRPORTS.open(newline="", encoding="utf-8") as file:
        texts = list(csv.reader(file))
    assert (sheet.max_row, sheet.max_column) == (len(texts), len(texts[0]))
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref
    assert sheet["A1"].font.bold
    for cells, row in zip(sheet.iter_rows(values_only=True), texts, strict=True):
        for cell, text in zip(cells, row, strict=True):
            if cell is None:
                assert text == ""
            elif isinstance(cell, int | float):
                assert cell == float(text)
            else:
                assert cell == text


@pytest.mark.requirement("J1")
def test_an_export_to_csv_holds_the_chosen_rows_in_order(client: Client, dataset: str, tmp_path: Path) -> None:
    exported = client.export(
        dataset,
        tmp_path / "high.csv",
        project_id="demo",
        format="csv",
        columns=["icao", "elevation"],
        where=[{"column": "elevation", "op": ">", "value": 14_000}, {"column": "country", "op": "in", "value": ["CN"]}],
        order_by=[{"column": "elevation", "descending": True}],
        timeout=120,
    )
    with exported.files[0].open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["icao", "elevation"]
    heights = [float(height) for _, height in rows]
    assert heights == sorted(heights, reverse=True)
    assert len(rows) == exported.job.result["recordsProcessed"] > 2
    assert min(heights) > 14_000


@pytest.mark.requirement("J31")
def test_a_report_is_a_redirect_that_works_without_the_token(client: Client, stack: Stack, dataset: str) -> None:
    job = client.wait(client.submit("Export", {"dataset": dataset, "format": "csv"}, project_id="demo").id, timeout=120)
    (report,) = job.reports
    assert report.url is not None
    headers = {"Authorization": f"Bearer {stack.token('viewer')}"}
    answer = requests.get(report.url, headers=headers, allow_redirects=False, timeout=30)
    assert answer.status_code == 302
    file = requests.get(answer.headers["Location"], timeout=30)
    assert len(file.content) == report.size_bytes
    assert f'filename="{report.name}"' in file.headers["Content-Disposition"]
    tampered = answer.headers["Location"].replace(report.name, "other.csv")
    assert requests.get(tampered, timeout=30).status_code in (403, 404)


@pytest.mark.requirement("J7")
def test_the_counts_come_to_equal_the_lists(client: Client, dataset: str) -> None:
    for _ in range(100):
        stats = client.stats("demo")
        listed = [job.status for job in client.jobs(project_id="demo")]
        counts = (stats.queued, stats.running, stats.completed, stats.failed, stats.cancelled)
        statuses = ("Queued", "Running", "Completed", "Failed", "Cancelled")
        if counts == tuple(map(listed.count, statuses)):
            break
        time.sleep(0.2)
    assert counts == tuple(map(listed.count, statuses))
    assert stats.total == sum(counts) == len(listed) > 0
