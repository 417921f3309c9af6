"""The command `import`: a file goes in, and the rows that cannot are explained and can be sent back."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from jobmill_client import files
from jobmill_client.cli import expressions, json_files
from jobmill_client.cli.call import Call, command
from jobmill_client.cli.display import result_table
from jobmill_client.cli.following import Timeout, follow
from jobmill_client.cli.import_ending import Ending
from jobmill_client.cli.progress import transferring
from jobmill_client.errors import JobFailed, Misuse
from jobmill_client.job_params import FileForm, ImportChoices, correction_params, import_params
from jobmill_client.models import JsonObject

TO_CORRECT = re.compile(r"(.+-)?errors(-\d+)?\.xlsx")
"""Names under which this command, and `download`, save rows to correct."""

Source = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV or XLSX file.")]
Dataset = Annotated[str | None, typer.Option(help="The dataset's name (made of the file's)")]
Continues = Annotated[
    str | None, typer.Option(metavar="JOB", help="Send back the corrected errors.xlsx of this import.")
]
Schema = Annotated[Path | None, typer.Option(help="A file with a Table Schema: types and rules (types are found out)")]
Map = Annotated[
    list[str] | None,
    typer.Option(metavar="HEADER=FIELD", help="The field that a column is; may be given several times."),
]
MaxErrors = Annotated[int | None, typer.Option(min=0, help="More bad rows than this fail the import (100,000)")]
Sheet = Annotated[str | None, typer.Option(help="A workbook's sheet (the first visible one with cells)")]
Delimiter = Annotated[str | None, typer.Option(help="Of a CSV file: , ; | or tab (found out)")]
Quote = Annotated[str | None, typer.Option(help="Of a CSV file: \" or ' (found out)")]
Encoding = Annotated[str | None, typer.Option(help="Of a CSV file, e.g. windows-1252 (found out)")]
Decimal = Annotated[str | None, typer.Option(help="The sign in numbers: . or , (found out)")]
Errors = Annotated[
    Path | None,
    typer.Option("--errors", "-o", help="Where rows to correct are saved: a file, or a folder (FILE-errors.xlsx here)"),
]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the job to its end.")]


class Mode(StrEnum):
    """What becomes of the rows that the dataset has."""

    REPLACE = "replace"
    APPEND = "append"
    UPSERT = "upsert"


class OnError(StrEnum):
    """What bad rows do."""

    REJECT_ROWS = "reject-rows"
    ALL_OR_NOTHING = "all-or-nothing"


@command
def import_(  # noqa: PLR0913, PLR0917 - the command's options
    call: Call,
    file: Source,
    dataset: Dataset = None,
    mode: Annotated[Mode | None, typer.Option(help="Of the rows that the dataset has (replace)")] = None,
    schema: Schema = None,
    map: Map = None,
    on_error: Annotated[OnError | None, typer.Option(help="Leave bad rows out, or take none (reject-rows)")] = None,
    max_errors: MaxErrors = None,
    continues: Continues = None,
    sheet: Sheet = None,
    delimiter: Delimiter = None,
    quote: Quote = None,
    encoding: Encoding = None,
    decimal: Decimal = None,
    errors: Errors = None,
    wait: Wait = True,
    timeout: Timeout = None,
) -> None:
    """Upload a CSV or XLSX file and import its rows into a dataset's next version.

    Rows that cannot be taken are left out and shown, and saved as a workbook: correct it, and send it back with
    --continues. Exit code 0 if the import completed, also if rows were left out.
    """
    form = _form(sheet, delimiter, quote, encoding, decimal)
    if continues:
        of_first = {"dataset": dataset, "mode": mode, "schema": schema, "map": map, "on-error": on_error}
        _refuse([f"--{name}" for name, value in of_first.items() if value])
    choices: ImportChoices = {**form, **_rules(mode, schema, map, on_error), "max_errors": max_errors}
    name = dataset or ("" if continues else _name(file))

    def params(upload_id: str) -> JsonObject:
        if continues:
            return correction_params(upload_id, continues, max_errors=max_errors, **form)
        return import_params(upload_id, name, **choices)

    _import(call, file, params, errors, timeout, wait=wait)


def _form(
    sheet: str | None, delimiter: str | None, quote: str | None, encoding: str | None, decimal: str | None
) -> FileForm:
    return {
        "sheet": sheet,
        "delimiter": expressions.one_of("--delimiter", delimiter, ",;|\t"),
        "quote_char": expressions.one_of("--quote", quote, "\"'"),
        "encoding": encoding,
        "decimal_char": expressions.one_of("--decimal", decimal, ".,"),
    }


def _rules(mode: Mode | None, schema: Path | None, map: list[str] | None, on_error: OnError | None) -> ImportChoices:
    return {
        "mode": (mode or Mode.REPLACE).value,
        "schema": json_files.schema(schema) if schema else None,
        "mapping": expressions.mapping(map or ()),
        "on_error": on_error and on_error.value,
    }


def _refuse(given: list[str]) -> None:
    """Refuse options that a continuing import has from the first one."""
    if given:
        raise Misuse(f"--continues goes on with an import as it was begun: leave out {', '.join(given)}.")


def _name(file: Path) -> str:
    """The dataset's name, made of the file's. Raises Misuse for rows to correct, which are no dataset."""
    if TO_CORRECT.fullmatch(file.name):
        raise Misuse(
            f"{file.name} is called like rows to send back: give the import that they are of by --continues, "
            "or choose a dataset for them by --dataset."
        )
    return expressions.dataset_name(file)


def _import(
    call: Call,
    file: Path,
    params: Callable[[str], JsonObject],
    errors: Path | None,
    timeout: float | None,
    *,
    wait: bool,
) -> None:
    """Upload the file, submit what `params` makes of the upload's id, and tell how it ended."""
    if errors:
        files.check_target(errors)
    project_id = call.project_id()
    with call.client() as client:
        with transferring(call.err, f"Uploading {file.name}", file.stat().st_size) as on_bytes:
            upload_id = client.upload(file, project_id=project_id, on_bytes=on_bytes)
        job = client.submit("Import", params(upload_id), project_id=project_id)
        if not wait:
            call.answer(job.raw, result_table(job))
            return
        ending = Ending(call, client, file, errors)
        try:
            ending.answer(follow(call, client, job, timeout))
        except JobFailed as error:
            raise JobFailed(ending.explained(error.job)) from error
