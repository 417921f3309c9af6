"""What tests in the browser do again and again: sign in, send an order, look at a job."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from jobmill_client import Client, Job

ORDERS = "number,customer,price\n1001,Müller,12.5\n1002,,9\n1003,Larsen,twelve\n"
SCHEMA = """{"fields": [{"name": "number", "type": "integer"}, {"name": "customer", "constraints": {"required": true}},
{"name": "price", "type": "number"}], "primaryKey": "number"}"""


def order(page: Page, job_type: str, file: Path | None = None, **fields: str) -> None:
    """Fill in and send the form of a new job; afterwards the page is the job's."""
    page.get_by_role("radio", name=job_type, exact=True).check()
    if file is not None:
        page.get_by_label("File", exact=True).set_input_files(file)
    if "Schema" in fields:
        page.get_by_text("More parameters").click()
    for name, value in fields.items():
        page.get_by_label(name).first.fill(value)
    page.get_by_role("button", name="start job").click()


def status(page: Page) -> Locator:
    """The job's status at the head of its page."""
    return page.locator("main .status").first


def wait_for_status(page: Page, word: str, timeout_ms: float = 90_000) -> None:
    """Wait until the job's page shows this status."""
    expect(status(page)).to_have_text(word, timeout=timeout_ms)


def job_id(page: Page) -> str:
    """The job that the page shows."""
    page.wait_for_url("**/#/jobs/*")
    return page.url.rsplit("/", 1)[1].split("?")[0]


def failed_import(client: Client, folder: Path) -> Job:
    """An import that failed for its file."""
    path = folder / "no-table.csv"
    path.write_bytes(b"%PDF-1.7 this is none\n")
    params = {"uploadId": client.upload(path, project_id="demo"), "dataset": "never"}
    return client.wait(client.submit("Import", project_id="demo", params=params).id)
