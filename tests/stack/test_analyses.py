"""Analysis as its processor does it: real files of crawls and keywords, the result and both reports."""

import io
import json
from typing import Any

import boto3
import pytest
from openpyxl import Workbook, load_workbook

from jobmill.jobs.ids import analysis_id
from jobmill.jobs.job import Job
from jobmill.jobs.status import Status
from jobmill.processors.analyses import reports
from tests.stack.conftest import BUCKETS
from tests.stack.http import call
from tests.stack.test_processors import files_of, run

pytestmark = pytest.mark.usefixtures("cloud")

HOST = "https://shop.example"
CRAWL = (
    "Address;Status Code;Title 1;Meta Description 1;H1-1;Canonical Link Element 1;Word Count;Indexability\n"
    f"{HOST}/schuhe;200;Laufschuhe für Damen und Herren;Laufschuhe, die wir im Wald und auf der Straße getragen haben: "
    f"Gewicht, Halt und Preis.;Laufschuhe;{HOST}/schuhe;640;Indexable\n"
    f"{HOST}/alt;404;;;;;;Non-Indexable\n"
    f"{HOST}/stiefel;200;;Stiefel;Stiefel;{HOST}/alt;NaN;Indexable\n"
).encode("windows-1252")
KEYWORDS = [
    ["Keyword", "Volume", "Position", "URL"],
    ["laufschuhe damen", 1900, 4, f"{HOST}/schuhe"],
    ["zelte", 70, None, None],
]


def upload(content: bytes, filename: str = "crawl.csv") -> str:
    announced = {"projectId": "demo", "filename": filename, "contentType": "text/csv", "sizeBytes": len(content)}
    form = call("POST", "/api/uploads", announced).body
    boto3.client("s3").put_object(Bucket=BUCKETS["UPLOADS_BUCKET"], Key=form["fields"]["key"], Body=content)
    return str(form["uploadId"])


def analyse(content: bytes, filename: str = "crawl.csv", **params: Any) -> Job:
    return run("Analysis", {"uploadId": upload(content, filename)} | params)


def result_of(job: Job) -> dict[str, Any]:
    assert job.status is Status.COMPLETED, job.error
    assert isinstance(job.result, dict)
    return job.result


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def rows_of(csv: bytes) -> list[list[Any]]:
    return [line.split(";") for line in csv.decode("windows-1252").splitlines()]


@pytest.mark.requirement("A18")
@pytest.mark.requirement("A4")
def test_a_crawl_and_a_keyword_list_in_one_workbook_are_judged_and_mapped() -> None:
    job = analyse(workbook(Notes=[["by", "us"]], Crawl=rows_of(CRAWL), Rank=KEYWORDS, Empty=[]), "Shop März.xlsx")
    result = result_of(job)
    name = f"Shop-Marz-{analysis_id(job.id)}"
    assert list(result) == [
        *("dataSource", "excelFile", "resultsFile", "summary", "onpageResults", "keywordMapping", "truncated"),
    ]
    assert (result["excelFile"], result["resultsFile"]) == (f"{name}.xlsx", f"{name}.json")
    assert [report.name for report in job.reports] == [f"{name}.xlsx", f"{name}.json"]
    assert result["dataSource"] == (
        'Shop März.xlsx: sheet "Crawl" with 3 pages, sheet "Rank" with 2 keywords; '
        'not read: "Notes" (no known columns), "Empty" (empty sheet).'
    )
    assert result["summary"]["byCheck"]["canonical-broken"] == 1
    assert (result["summary"]["pages"], result["summary"]["language"], result["truncated"]) == (3, "german", False)
    assert [(each["keyword"], each["flag"], each["url"]) for each in result["keywordMapping"]] == [
        ("zelte", "gap", None),
        ("laufschuhe damen", "mapped", f"{HOST}/schuhe"),
    ]


@pytest.mark.requirement("A18")
def test_a_crawl_as_csv_in_the_encoding_and_with_the_delimiter_of_excel_is_read() -> None:
    result = result_of(analyse(CRAWL))
    assert result["dataSource"] == "crawl.csv: 3 pages."
    assert result["keywordMapping"] == []
    assert [(each["url"], each["row"], each["sheet"]) for each in result["onpageResults"]] == [
        (f"{HOST}/alt", 3, None),
        (f"{HOST}/stiefel", 4, None),
        (f"{HOST}/schuhe", 2, None),
    ]
    first = result["onpageResults"][0]
    assert first["severity"] == "error"
    assert first["findings"] == [
        {
            "check": "client-error",
            "severity": "error",
            "measured": "status 404",
            "limit": "status 200",
            "recommendation": first["recommendation"],
        }
    ]


@pytest.mark.requirement("A18")
def test_recommended_keeps_only_rows_with_a_recommendation() -> None:
    book = workbook(Crawl=rows_of(CRAWL), Rank=KEYWORDS)
    every, some = (result_of(analyse(book, filterOption=option)) for option in ("all", "recommended"))
    for rows in ("onpageResults", "keywordMapping"):
        assert some[rows] == [row for row in every[rows] if row["recommendation"]]
        assert len(some[rows]) < len(every[rows])
    assert some["summary"]["filterOption"] == "recommended"


@pytest.mark.requirement("A4")
def test_long_arrays_are_cut_inline_and_whole_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MAX_INLINE_ROWS", 1)
    job = analyse(workbook(Crawl=rows_of(CRAWL), Rank=KEYWORDS))
    result, whole = result_of(job), json.loads(files_of(job)[1])
    assert result["truncated"] is True
    assert whole["truncated"] is False
    for rows, count in (("onpageResults", 3), ("keywordMapping", 2)):
        assert len(whole[rows]) == count
        assert result[rows] == whole[rows][:1]
    assert {name: whole[name] for name in ("dataSource", "summary")} == {
        name: result[name] for name in ("dataSource", "summary")
    }


def test_inline_arrays_have_a_bound_of_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MAX_INLINE_BYTES", 700)
    result = result_of(analyse(CRAWL))
    assert (len(result["onpageResults"]), result["truncated"]) == (1, True)


@pytest.mark.requirement("A18")
def test_the_workbook_has_its_three_sheets_with_all_rows_and_charts() -> None:
    job = analyse(workbook(Crawl=rows_of(CRAWL), Rank=KEYWORDS))
    book = load_workbook(io.BytesIO(files_of(job)[0]))
    assert book.sheetnames == ["Summary", "On-page", "Keywords"]
    assert len(book["Summary"]._charts) == 2  # type: ignore[attr-defined]
    found = list(book["On-page"].iter_rows(min_row=2, max_col=5, values_only=True))
    assert found[0] == ("error", "Page not found or not allowed", f"{HOST}/alt", "status 404", "status 200")
    assert found[-1] == ("ok", None, f"{HOST}/schuhe", None, None)
    assert len(found) == result_of(job)["summary"]["findings"] + 1
    assert book["On-page"].auto_filter.ref == f"A1:H{len(found) + 1}"
    keywords = list(book["Keywords"].iter_rows(min_row=2, max_col=4, values_only=True))
    assert keywords == [("gap", "zelte", 70, None), ("mapped", "laufschuhe damen", 1900, f"{HOST}/schuhe")]


def test_a_file_of_other_columns_fails_and_names_them() -> None:
    job = analyse(b"id;name\n1;a\n")
    assert job.status is Status.FAILED
    assert job.error is not None
    assert (job.error.code, job.error.kind) == ("no-known-columns", "input")
    assert 'its columns are "id", "name"' in job.error.message
    assert job.error.details
    assert job.reports == ()


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"uploadId": "0190a1b2-0000-7000-8000-000000000000"}, 422, "upload-not-found"),
        ({}, 400, "bad-request"),
        ({"uploadId": "x", "filterOption": "best"}, 400, "bad-request"),
        ({"uploadId": "x", "language": "de"}, 400, "bad-request"),
    ],
)
def test_what_cannot_be_analysed_is_refused_at_submit(params: dict[str, Any], status: int, code: str) -> None:
    answer = call("POST", "/api/jobs", {"type": "Analysis", "projectId": "demo", "params": params})
    assert answer.status == status, answer.text
    assert isinstance(answer.body, dict)
    if status == 422:
        assert answer.body["code"] == code


def test_an_upload_that_never_came_fails_the_job() -> None:
    announced = {"projectId": "demo", "filename": "f.csv", "contentType": "text/csv", "sizeBytes": 5}
    form = call("POST", "/api/uploads", announced).body
    job = run("Analysis", {"uploadId": form["uploadId"]})
    assert job.error is not None
    assert job.error.code == "upload-missing"
