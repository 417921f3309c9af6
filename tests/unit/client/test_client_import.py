"""The command `import`: what it sends, and what it says and saves when rows are bad."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from jobmill_client import Client, JobFailed, RowError

from .api_server import IMPORTED, JOB_ID, ApiServer, Canned, a_job
from .conftest import RunCommand

SCHEMA = {"fields": [{"name": "id", "type": "integer"}], "primaryKey": "id"}
HEADER = ("row", "origin", "field", "code", "message", "value")
COMMAND = f"jobmill import places-errors.xlsx --continues {JOB_ID}"


@pytest.fixture
def places(local_stack: Path) -> Path:
    """A file to import, in the current folder."""
    file = local_stack / "places.csv"
    file.write_text("id\n1\nx\n")
    return file


def error(row: int, field: str = "id") -> dict[str, Any]:
    return {"row": row, "field": field, "code": "type-error", "message": f'"{row}x" is not a whole number.'}


def ends(api: ApiServer, status: str = "Completed", errors: list[dict[str, Any]] | None = None, **fields: Any) -> None:
    """The import ends with these errors, if any, in its reports; a completed one has them in its result, too."""
    errors = errors or []
    table = io.StringIO()
    csv.writer(table).writerow(HEADER)
    csv.writer(table).writerows(
        (each["row"], f"{JOB_ID}:{each['row']}", *list(each.values())[1:], "") for each in errors
    )
    reports = [api.has_report("errors.xlsx", b"PK rows"), api.has_report("errors.csv", table.getvalue().encode())]
    bad_rows = len({each["row"] for each in errors})
    result = IMPORTED | {"recordsProcessed": bad_rows + 2, "errors": bad_rows, "firstErrors": errors[:100]}
    outcome = {"result": result} if status == "Completed" else {"error": "Rows are bad.", "errorCode": "rows-rejected"}
    api.will_go(a_job(status, reports=reports if errors else [], **outcome | fields))


def submitted(api: ApiServer) -> dict[str, Any]:
    (request,) = api.seen("POST", "/api/jobs")
    params: dict[str, Any] = request.json["params"]
    return params


def test_what_is_chosen_is_sent(api: ApiServer, jobmill: RunCommand, places: Path) -> None:
    places.with_name("schema.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(SCHEMA).encode())
    ends(api)
    result = jobmill(
        *("import", "places.csv", "--dataset", "towns", "--mode", "upsert", "--schema", "schema.json"),
        *("--map", "Nr. = id", "--map", "a=b=name", "--on-error", "all-or-nothing", "--max-errors", "0"),
        *("--delimiter", "tab", "--quote", "'", "--encoding", "koi8-r", "--decimal", ",", "--sheet", "Data"),
    )
    assert result.exit_code == 0, result.stderr
    assert submitted(api) == {
        "uploadId": "up1",
        "dataset": "towns",
        "mode": "upsert",
        "schema": SCHEMA,
        "mapping": {"Nr.": "id", "a=b": "name"},
        "onError": "all-or-nothing",
        "maxErrors": 0,
        "sheet": "Data",
        "csv": {"delimiter": "\t", "quoteChar": "'", "encoding": "koi8-r", "decimalChar": ","},
    }


def test_bad_rows_are_a_warning_a_table_and_a_workbook_to_send_back(
    api: ApiServer, jobmill: RunCommand, places: Path
) -> None:
    ends(api, errors=[error(3), error(3, "name"), error(5)])
    result = jobmill("import", "places.csv")
    assert result.exit_code == 0
    header, first, *others = result.stdout[result.stdout.index("ROW") :].splitlines()
    assert header.split() == ["ROW", "FIELD", "MESSAGE"]
    assert first.split(maxsplit=2) == ["3", "id", '"3x" is not a whole number.']
    assert len(others) == 2
    assert "firstErrors" not in result.stdout
    assert result.stderr.splitlines()[-3:] == [
        "Warning: 2 of 4 rows are bad, and were left out.",
        "Rows to correct: places-errors.xlsx",
        f"Correct them, and send them back: {COMMAND}",
    ]
    assert places.with_name("places-errors.xlsx").read_bytes() == b"PK rows"


def test_at_most_ten_errors_are_shown_and_how_many_more_rows_there_are(
    api: ApiServer, jobmill: RunCommand, places: Path
) -> None:
    ends(api, errors=[error(2, "name"), *(error(row) for row in range(2, 1236))])
    shown = jobmill("import", "places.csv").stdout
    assert shown.count("is not a whole number") == 10
    assert shown.splitlines()[-1] == "… and 1,225 more bad rows"
    assert "… and 1,225 more bad rows" in jobmill("watch", JOB_ID).stdout
    assert "… and 1,225 more bad rows" in jobmill("show", JOB_ID).stdout


def test_errors_of_one_row_beyond_those_shown_are_told(api: ApiServer, jobmill: RunCommand, places: Path) -> None:
    ends(api, errors=[error(2, f"f{number}") for number in range(11)])
    assert jobmill("import", "places.csv").stdout.splitlines()[-1] == "… and more errors in these rows"


def test_an_import_that_fails_for_its_rows_shows_and_saves_them_too(
    api: ApiServer, jobmill: RunCommand, places: Path
) -> None:
    ends(api, "Failed", [error(2, "name"), *(error(row) for row in range(2, 13))], params={"dataset": "places"})
    result = jobmill("import", "places.csv", "--on-error", "all-or-nothing")
    assert (result.exit_code, result.stdout) == (1, "")
    said = result.stderr[result.stderr.index("ROW") :].splitlines()
    assert said[1].split() == ["2", "name", '"2x"', "is", "not", "a", "whole", "number."]
    assert said[11:] == [
        "… and 2 more bad rows",
        "The bad rows, explained: places-errors.xlsx",
        "No row was taken. Correct places.csv, and import it again.",
        "Error: Rows are bad. [rows-rejected]",
    ]
    assert places.with_name("places-errors.xlsx").read_bytes() == b"PK rows"


def test_corrections_that_fail_can_be_sent_back_again(api: ApiServer, jobmill: RunCommand, places: Path) -> None:
    ends(api, "Failed", [error(2)], params={"continues": "first"})
    result = jobmill("import", "places.csv", "--continues", "first")
    assert result.exit_code == 1
    assert f"send them back: {COMMAND}\n" in result.stderr


def test_a_job_that_fails_for_another_reason_is_its_sentence_alone(
    api: ApiServer, jobmill: RunCommand, places: Path
) -> None:
    ends(api, "Failed")
    result = jobmill("import", "places.csv")
    assert result.stderr.splitlines()[-1] == "Error: Rows are bad. [rows-rejected]"
    assert list(places.parent.iterdir()) == [places]


@pytest.mark.parametrize("status", ["Completed", "Failed"])
def test_json_is_the_job_and_where_its_errors_are(
    api: ApiServer, jobmill: RunCommand, places: Path, status: str
) -> None:
    ends(api, status, [error(3)])
    document = json.loads(jobmill("import", "places.csv", "--json").stdout)
    assert (document["status"], document["errorsFile"]) == (status, "places-errors.xlsx")
    ends(api)
    assert "errorsFile" not in json.loads(jobmill("import", "places.csv", "--json").stdout)


def test_no_file_is_written_over_unless_it_is_named(api: ApiServer, jobmill: RunCommand, places: Path) -> None:
    ends(api, errors=[error(3)])
    mine = places.with_name("places-errors.xlsx")
    mine.write_bytes(b"half corrected")
    assert "Rows to correct: places-errors-2.xlsx" in jobmill("import", "places.csv").stderr
    folder = places.with_name("out")
    folder.mkdir()
    assert "Rows to correct: out/places-errors.xlsx" in jobmill("import", "places.csv", "-o", "out").stderr
    assert mine.read_bytes() == b"half corrected"
    assert jobmill("import", "places.csv", "--errors", "places-errors.xlsx").exit_code == 0
    assert mine.read_bytes() == b"PK rows"


def test_what_is_sent_back_keeps_its_name_with_a_number(api: ApiServer, jobmill: RunCommand, places: Path) -> None:
    ends(api, errors=[error(3)])
    shutil.copy(places, places.with_name("places-errors.xlsx"))
    result = jobmill("import", "places-errors.xlsx", "--continues", "first", "--max-errors", "5", "--sheet", "Rows")
    assert submitted(api) == {"uploadId": "up1", "continues": "first", "maxErrors": 5, "sheet": "Rows"}
    assert "Rows to correct: places-errors-2.xlsx" in result.stderr
    shutil.copy(places, places.with_name("places-errors-2.xlsx"))
    result = jobmill("import", "places-errors-2.xlsx", "--continues", JOB_ID)
    assert "Rows to correct: places-errors-3.xlsx" in result.stderr


def test_the_command_to_send_back_goes_to_the_same_project(api: ApiServer, jobmill: RunCommand, places: Path) -> None:
    ends(api, errors=[error(3)])
    assert (
        f"{COMMAND} --user demo --project 'p q'\n"
        in jobmill("import", "places.csv", "--project", "p q", "--user", "demo").stderr
    )


def test_rows_that_could_not_be_saved_do_not_hide_what_was_imported(
    api: ApiServer, jobmill: RunCommand, places: Path
) -> None:
    ends(api, errors=[error(3)])
    api.will_answer("GET", "/store/errors.xlsx", Canned(403))
    result = jobmill("import", "places.csv")
    assert result.exit_code == 1
    assert "recordsCreated" in result.stdout
    assert f"Get it by: jobmill download {JOB_ID} errors.xlsx\n" in result.stderr


def rejected(result: Result, api: ApiServer) -> str:
    assert (result.exit_code, result.stdout) == (2, "")
    assert api.requests == []
    return " ".join(result.stderr.split())


SCHEMAS = {
    "none.json": (None, "none.json cannot be read: No such file or directory."),
    "a.json": (b'{"fields": [\n,]}', "a.json is not JSON: Expecting value in line 2, column 1."),
    "b.json": (b"\xff\xfe\xff", "b.json is not JSON: "),
    "c.json": (b"[]", 'c.json: a Table Schema is an object with a list "fields".'),
    "d.json": (b'{"fields": NaN}', "d.json is not JSON: NaN is not a number in JSON."),
    "e.json": (b'{"fields":' + b"[" * 200_000, "e.json is not JSON"),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_that_is_none_is_a_sentence_before_the_upload(
    api: ApiServer, jobmill: RunCommand, places: Path, name: str
) -> None:
    content, says = SCHEMAS[name]
    if content is not None:
        places.with_name(name).write_bytes(content)
    assert says in rejected(jobmill("import", "places.csv", "--schema", name), api)


MISUSES = {
    "of the first import": (
        ["--continues", "first", "--dataset", "a", "--mode", "append", "--map", "a=b"],
        "leave out --dataset, --mode, --map.",
    ),
    "a mapping that is none": (["--map", "Price"], "--map 'Price' is not 'Header=field'."),
    "a header twice": (["--map", "a=b", "--map", "a=c"], "--map names the header 'a' twice."),
    "a field twice": (["--map", "a=c", "--map", "b=c"], "--map takes the field 'c' from two headers."),
    "a delimiter": (["--delimiter", "::"], "--delimiter '::' is none of , ; | tab"),
    "no quotation mark": (["--quote", ""], "--quote '' is none of \" '"),
}


@pytest.mark.parametrize("case", MISUSES)
def test_what_cannot_be_is_refused_before_the_upload(
    api: ApiServer, jobmill: RunCommand, places: Path, case: str
) -> None:
    options, says = MISUSES[case]
    assert says in rejected(jobmill("import", "places.csv", *options), api)


@pytest.mark.parametrize("name", ["errors.xlsx", "places-errors.xlsx", "places-errors-2.xlsx"])
def test_rows_to_correct_are_not_taken_for_a_dataset(
    api: ApiServer, jobmill: RunCommand, places: Path, name: str
) -> None:
    shutil.copy(places, places.with_name(name))
    assert "by --continues" in rejected(jobmill("import", name), api)
    ends(api)
    assert jobmill("import", name, "--dataset", "errors").exit_code == 0


def test_no_folder_for_the_errors_is_told_before_the_upload(api: ApiServer, jobmill: RunCommand, places: Path) -> None:
    assert jobmill("import", "places.csv", "-o", "none/errors.xlsx").exit_code == 1
    assert api.requests == []


# the client itself


def test_the_client_imports_by_choices_and_sends_corrections(api: ApiServer, client: Client, places: Path) -> None:
    ends(api)
    client.import_file(places, dataset="a", project_id="demo", mode="append", schema=SCHEMA, delimiter=";")
    client.import_corrections(places, continues=JOB_ID, project_id="demo", sheet="Rows")
    assert [request.json["params"] for request in api.seen("POST", "/api/jobs")] == [
        {"uploadId": "up1", "dataset": "a", "mode": "append", "schema": SCHEMA, "csv": {"delimiter": ";"}},
        {"uploadId": "up1", "continues": JOB_ID, "sheet": "Rows"},
    ]


def test_a_failed_job_has_its_errors_and_its_workbook(api: ApiServer, client: Client, places: Path) -> None:
    ends(api, "Failed", [error(2), error(3, "")])
    with pytest.raises(JobFailed) as caught:
        client.import_file(places, dataset="a", project_id="demo")
    job = caught.value.job
    message = '"3x" is not a whole number.'
    assert list(client.row_errors(job))[1] == RowError(row=3, field="", code="type-error", message=message)
    assert client.download(job, "errors.xlsx", places.parent).read_bytes() == b"PK rows"


def test_errors_of_long_cells_can_be_read(api: ApiServer, client: Client) -> None:
    table = ",".join(HEADER) + '\n2,j:2,id,type-error,No number.,"' + "x" * 1_900_000 + '"\n'
    api.will_go(a_job(reports=[api.has_report("errors.csv", table.encode())]))
    (found,) = client.row_errors(client.job(JOB_ID))
    assert found.message == "No number."


def test_a_job_without_bad_rows_has_no_errors(api: ApiServer, client: Client) -> None:
    api.will_go(a_job())
    assert list(client.row_errors(client.job(JOB_ID))) == []
