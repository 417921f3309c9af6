"""The main flow: upload, loading, results; a workbook back; bad rows corrected and sent back."""

import csv
from pathlib import Path

import airportsdata
import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from jobmill_client import Client
from jobmill_local.stack import Stack
from tests.browser.conftest import Opened
from tests.browser.places import ORDERS, SCHEMA, job_id, order, wait_for_status
from tests.e2e.jobs import LARGE_ROWS

AIRPORTS = Path(airportsdata.__file__).with_name("airports.csv")


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    return stack.client("demo")


@pytest.mark.requirement("A17")
@pytest.mark.requirement("J13")
def test_upload_loading_results(opened: Opened, client: Client, large_file: Path) -> None:
    page = opened("demo", "/new?type=Import&project=demo")
    expect(page.get_by_role("radio", name="Import", exact=True)).to_be_checked()
    page.get_by_label("File", exact=True).set_input_files(large_file)
    expect(page.get_by_label("Dataset")).to_have_value("large")
    page.evaluate(
        """() => { window.uploads = new Set(); window.progress = new Set(); setInterval(() => {
            for (const bar of document.querySelectorAll('progress'))
                (location.hash.startsWith('#/new') ? window.uploads : window.progress).add(bar.value); }, 15); }"""
    )
    # A line on which one sees the upload
    network = page.context.new_cdp_session(page)
    conditions = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 40_000_000}
    network.send("Network.emulateNetworkConditions", conditions)
    page.get_by_role("button", name="Upload and start job").click()
    imported = job_id(page)
    network.send("Network.emulateNetworkConditions", conditions | {"uploadThroughput": -1})
    wait_for_status(page, "Completed")
    uploads, progress = page.evaluate("[[...window.uploads], [...window.progress]]")
    assert len(uploads) >= 3, f"the upload's bar moved: {uploads}"
    assert len(progress) >= 3, f"the job's bar moved: {progress}"
    assert uploads == sorted(uploads)
    assert progress == sorted(progress)
    expect(page.get_by_role("region", name="Result")).to_contain_text(f"{LARGE_ROWS:,}")
    assert client.job(imported).result["recordsCreated"] == LARGE_ROWS


@pytest.mark.requirement("J13")
def test_a_dataset_becomes_a_workbook_that_is_downloaded(opened: Opened, client: Client, tmp_path: Path) -> None:
    client.import_file(AIRPORTS, dataset="browsed-airports", project_id="demo", timeout=120)
    page = opened("demo", "/")
    page.get_by_role("link", name="New job", exact=True).click()
    order(page, "Export", Dataset="browsed-airports")
    wait_for_status(page, "Completed")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download browsed-airports-v1.xlsx").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    sheet = load_workbook(path, read_only=True).worksheets[0]
    with AIRPORTS.open(newline="", encoding="utf-8") as file:
        for row, expected in zip(sheet.iter_rows(values_only=True), csv.reader(file), strict=True):
            assert [row[0] or "", row[2] or ""] == [expected[0], expected[2]]


@pytest.mark.requirement("J13")
def test_rows_that_were_not_taken_are_explained_previewed_corrected_and_sent_back(
    opened: Opened, client: Client, tmp_path: Path
) -> None:
    file = tmp_path / "orders of may.csv"
    file.write_text(ORDERS)
    page = opened("demo", "/new")
    order(page, "Import", file, Dataset="orders-of-may", Schema=SCHEMA)
    first = job_id(page)
    wait_for_status(page, "Completed")
    expect(page.get_by_role("heading", name="2 rows were not taken")).to_be_visible()
    table = page.get_by_role("table", name="Rows that were not taken")
    expect(table.get_by_role("row").nth(1)).to_contain_text("3customer")
    expect(table.get_by_role("row").nth(2)).to_contain_text('"twelve" is not a number.')
    page.get_by_role("button", name="Preview errors.xlsx").click()
    expect(page.get_by_role("cell", name="Larsen")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("region", name="Reports").get_by_role("button", name="Download errors.xlsx").click()
    path = tmp_path / "corrected.xlsx"
    download.value.save_as(path)
    workbook = load_workbook(path)
    sheet = workbook.worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if cell.value in (None, "twelve") and sheet.cell(1, cell.column).value in ("customer", "price"):
                cell.value = "Smith" if sheet.cell(1, cell.column).value == "customer" else 12
    workbook.save(path)
    page.get_by_role("link", name="Send corrected rows").click()
    page.get_by_label("Corrected errors.xlsx").set_input_files(path)
    page.get_by_role("button", name="Upload and send back").click()
    page.wait_for_url(lambda url: "/jobs/" in url and first not in url)
    wait_for_status(page, "Completed")
    dataset = client.job(job_id(page)).result
    assert (dataset["recordsCreated"], dataset["errors"]) == (2, 0)
