"""Rows that were refused are corrected in errors.xlsx and sent back: each goes in once, whatever is sent how often."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from jobmill.jobs.job import Job
from jobmill.jobs.status import Status
from jobmill.processors.imports.publication import newest_open
from tests.stack.http import call
from tests.stack.test_imports import MESSY, SCHEMA, imported, report, result
from tests.stack.test_processors import csv_rows, run, upload

pytestmark = pytest.mark.usefixtures("cloud")

type Correct = Callable[[Any, dict[str, int]], None]
FIXES = {
    3: {"id": 2},
    5: {"id": 7, "name": "Moss", "price": 2.5, "since": "28.02.2024"},
    6: {"name": "Stavanger"},
    9: {"name": "Shorter"},
}


def errors_workbook(job: Job, fixes: dict[int, dict[str, Any]]) -> bytes:
    """The job's errors.xlsx with cells changed, by the row that Excel showed in the first file."""
    book = load_workbook(io.BytesIO(report(job, "errors.xlsx")))
    sheet = book.worksheets[0]
    headers = {str(cell.value): cell.column for cell in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        for name, value in fixes.get(int(str(row[0].value).split(":")[1]), {}).items():
            sheet.cell(row[0].row, headers[name]).value = value
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sent_back(content: bytes, job: Job, **params: Any) -> Job:
    return run("Import", {"uploadId": upload(content), "continues": job.id} | params)


def found(job: Job) -> tuple[int, int, int, int]:
    each = result(job)
    return each["recordsProcessed"], each["recordsCreated"], each["alreadyIn"], each["errors"]


def names() -> list[str]:
    return [row[1] for row in csv_rows()[1:]]


def test_corrected_rows_join_those_that_were_good() -> None:
    job = imported(MESSY, schema=SCHEMA)
    fixed = sent_back(errors_workbook(job, FIXES), job)
    assert found(fixed) == (5, 4, 0, 1)
    assert result(fixed)["ignoredColumns"] == ["remark"]
    assert csv_rows()[1:] == [
        ["1", "Oslo", "1.5", "2024-02-29"],
        ["4", "Bodø", "-3.25", "1999-01-01"],
        ["2", "Bergen", "2.0", ""],
        ["7", "Moss", "2.5", "2024-02-28"],
        ["3", "Stavanger", "", ""],
        ["5", "Shorter", "", ""],
    ]
    again = sent_back(errors_workbook(fixed, {8: {"id": 6}}), fixed)
    assert found(again) == (1, 1, 0, 0)
    assert names()[-1] == "Twice"


def test_the_same_workbook_sent_twice_changes_nothing_the_second_time() -> None:
    job = imported(MESSY, schema=SCHEMA)
    workbook = errors_workbook(job, FIXES)
    sent_back(workbook, job)
    again = sent_back(workbook, job)
    assert found(again) == (5, 0, 4, 1)
    assert names() == ["Oslo", "Bodø", "Bergen", "Moss", "Stavanger", "Shorter"]


def test_corrections_come_in_any_order_and_each_row_goes_in_once() -> None:
    job = imported(MESSY, schema=SCHEMA)
    last = sent_back(errors_workbook(job, {6: {"name": "Stavanger"}}), job)
    first = sent_back(errors_workbook(job, FIXES), job)
    assert (found(last), found(first)) == ((5, 1, 0, 4), (5, 3, 1, 1))
    late = sent_back(errors_workbook(last, {3: {"id": 77}, 8: {"id": 8}}), first)
    assert found(late) == (4, 1, 3, 0)
    assert sorted(names()) == ["Bergen", "Bodø", "Moss", "Oslo", "Shorter", "Stavanger", "Twice"]
    assert "77" not in [row[0] for row in csv_rows()]


def test_the_form_of_the_first_file_holds_for_cells_that_nobody_touched() -> None:
    job = imported(
        "id;price\n1;0,5\nx;1,5\n",
        schema={"fields": [{"name": "id", "type": "integer"}, {"name": "price", "type": "number"}]},
    )
    assert found(sent_back(errors_workbook(job, {3: {"id": 2}}), job))[1] == 1
    assert csv_rows()[1:] == [["1", "0.5"], ["2", "1.5"]]


def test_a_correction_may_come_as_csv() -> None:
    job = imported(MESSY, schema=SCHEMA)
    content = f"jobmill-row;name;id\n{job.id}:6;Stavanger;3\n".encode()
    assert found(sent_back(content, job))[1] == 1
    assert names() == ["Oslo", "Bodø", "Stavanger"]


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        (";New;9\n", ["unknown-row"]),
        ("{id}:4;Blank;9\n", None),
        ("{other}:6;Other;9\n", ["unknown-row"]),
        ("{id}:six;Six;9\n", ["unknown-row"]),
        ("{id}:" + "9" * 5_000 + ";Many;9\n", ["unknown-row"]),
        ("{id}:6;One;8\n{id}:6;Two;9\n", ["duplicate-row"]),
    ],
)
def test_rows_that_correct_nothing_are_told(rows: str, codes: list[str] | None) -> None:
    other = imported("id;name\n1;a\nx;b\n", schema=SCHEMA)
    job = imported(MESSY, schema=SCHEMA)
    good = f"{job.id}:3;Bergen;7\n"
    content = "jobmill-row;name;id\n" + good + rows.format(id=job.id, other=other.id)
    fixed = sent_back(content.encode(), job)
    assert [each["code"] for each in result(fixed)["firstErrors"]] == (codes or [])


def test_only_a_dataset_that_was_not_replaced_since_can_be_corrected() -> None:
    job = imported(MESSY, schema=SCHEMA)
    workbook = errors_workbook(job, FIXES)
    imported("id;name\n9;appended\n", mode="append")
    assert result(sent_back(workbook, job))["recordsCreated"] == 4
    imported("id;name\n1;a\n", schema=SCHEMA)
    params = {"uploadId": upload(workbook), "continues": job.id}
    answer = call("POST", "/api/jobs", {"type": "Import", "projectId": "demo", "params": params})
    assert (answer.status, answer.body["code"]) == (409, "dataset-changed")


def test_an_import_that_failed_or_is_another_project_s_cannot_be_continued() -> None:
    failed = imported(MESSY, schema=SCHEMA, onError="all-or-nothing")
    for job_id, code in [(failed.id, "nothing-to-continue"), ("nonsense", "import-not-found")]:
        params = {"uploadId": upload(b"a\n1\n"), "continues": job_id}
        answer = call("POST", "/api/jobs", {"type": "Import", "projectId": "demo", "params": params})
        assert answer.body["code"] == code, answer.text


def test_a_file_without_the_hidden_column_is_no_correction() -> None:
    job = imported(MESSY, schema=SCHEMA)
    fixed = sent_back(b"id;name\n2;Bergen\n", job)
    assert (fixed.status, fixed.error and fixed.error.code) == (Status.FAILED, "not-a-correction")


def test_a_correction_in_which_all_is_wrong_still_can_be_corrected_itself() -> None:
    job = imported(MESSY.replace("5;Short\n", ""), schema=SCHEMA)
    still_wrong = sent_back(errors_workbook(job, {}), job)
    assert (still_wrong.status, still_wrong.error and still_wrong.error.code) == (Status.FAILED, "no-valid-rows")
    fixed = sent_back(errors_workbook(still_wrong, FIXES), still_wrong)
    assert found(fixed)[1] == 3


def test_replaced_keys_are_corrected_by_the_rules_of_the_first_import() -> None:
    imported("id;name\n1;a\n2;b\n", schema=SCHEMA)
    job = imported("id;name\n2;B\nx;C\n", mode="upsert")
    fixed = sent_back(errors_workbook(job, {3: {"id": 1}}), job)
    assert found(fixed)[1] == 1
    assert [row[:2] for row in csv_rows()[1:]] == [["2", "B"], ["1", "C"]]


def advice(job: Job) -> str:
    """What errors.xlsx says is to be done."""
    sheet = load_workbook(io.BytesIO(report(job, "errors.xlsx"))).worksheets[1]
    return " ".join(str(row[0]) for row in sheet.iter_rows(values_only=True))


def test_errors_are_to_be_sent_back_only_where_that_can_be() -> None:
    for params in ({"onError": "all-or-nothing"}, {"maxErrors": 4}):
        refused = imported(MESSY, schema=SCHEMA, **params)
        assert "--continues" not in advice(refused)
    job = imported("id;name\n1;Oslo\nx;Bergen\n", schema=SCHEMA)
    assert f"--continues {job.id}" in advice(job)
    unchanged = sent_back(errors_workbook(job, {}), job)
    assert (unchanged.status, unchanged.error and unchanged.error.code) == (Status.FAILED, "no-valid-rows")
    assert f"--continues {unchanged.id}" in advice(unchanged)
    assert found(sent_back(errors_workbook(unchanged, {3: {"id": 2}}), unchanged)) == (1, 1, 0, 0)


def test_what_a_dataset_no_longer_remembers_cannot_be_corrected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.processors.imports.publication.MAX_OPEN_IMPORTS", 1)
    job = imported(MESSY, schema=SCHEMA)
    imported("id;name\n8;fine\n", mode="append")
    assert found(sent_back(errors_workbook(job, {3: {"id": 2}}), job))[1] == 1
    imported("id;name\nx;bad\n9;good\n", mode="append")
    late = sent_back(errors_workbook(job, FIXES), job)
    assert (late.status, late.error and late.error.code) == (Status.FAILED, "nothing-to-continue")


def test_an_import_without_bad_rows_has_nothing_to_correct() -> None:
    job = imported("id;name\n1;a\n", schema=SCHEMA)
    params = {"uploadId": upload(b"a\n1\n"), "continues": job.id}
    answer = call("POST", "/api/jobs", {"type": "Import", "projectId": "demo", "params": params})
    assert (answer.status, answer.body["code"]) == (409, "nothing-to-continue")


def test_open_rows_are_remembered_up_to_a_number_the_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.processors.imports.publication.MAX_OPEN_ROWS", 4)
    before = {"old": (1, 2), "corrected": (3,), "young": (4, 5)}
    assert newest_open(before, {"corrected": ()}) == {"old": (1, 2), "young": (4, 5), "corrected": ()}
    assert newest_open(before, {"new": (6, 7)}) == {"young": (4, 5), "new": (6, 7)}
    assert newest_open({}, {"new": (1, 2, 3, 4, 5)}) == {"new": (1, 2, 3, 4, 5)}


def test_rows_that_were_no_rows_do_not_go_in_as_they_came_back() -> None:
    job = imported('a,b,c\nx,y,3,LOST\nonly\n"q"z,b2,5\ng,h,3\n')
    untouched = sent_back(errors_workbook(job, {}), job)
    assert (untouched.status, untouched.error and untouched.error.code) == (Status.FAILED, "no-valid-rows")
    told = report(untouched, "errors.csv").decode()
    assert (told.count("row-too-long"), told.count("row-unchanged")) == (1, 2)
    partly = sent_back(errors_workbook(untouched, {2: {"(column 4)": None}, 3: {"b": "more", "c": 4}}), untouched)
    assert found(partly) == (3, 2, 0, 1)
    assert csv_rows()[1:] == [["g", "h", "3"], ["x", "y", "3"], ["only", "more", "4"]]
    last = sent_back(errors_workbook(partly, {4: {"a": "q", "b": "z", "c": 5}}), partly)
    assert found(last) == (1, 1, 0, 0)


def test_a_note_beside_the_table_does_no_harm() -> None:
    job = imported(MESSY, schema=SCHEMA)
    book = load_workbook(io.BytesIO(errors_workbook(job, FIXES)))
    book.worksheets[0]["M2"] = "checked by Ann"
    content = io.BytesIO()
    book.save(content)
    assert found(sent_back(content.getvalue(), job)) == (5, 4, 0, 1)


def test_a_workbook_s_decimal_comma_holds_for_its_corrections() -> None:
    book = Workbook()
    assert book.active is not None
    for row in (["id", "price"], [1, "1,5"], ["x", "2,5"]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "price", "type": "number"}]}
    job = imported(content.getvalue(), schema=schema, csv={"decimalChar": ","})
    assert found(sent_back(errors_workbook(job, {3: {"id": 2}}), job))[1] == 1
    assert csv_rows()[1:] == [["1", "1.5"], ["2", "2.5"]]
