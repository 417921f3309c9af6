"""Validation: the rows of a dataset's version, judged by a schema and by checks, and explained in a workbook."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from jobmill.errors import CallerError
from jobmill.json_values import Json
from jobmill.processing.context import Context
from jobmill.processing.registry import Params, Result, job_type
from jobmill.processors.exports import MAX_VERSION
from jobmill.processors.imports import DatasetName
from jobmill.projects.dataset_files import Manifest
from jobmill.projects.datasets import DatasetVersion, get_version
from jobmill.schemas.checks import Check
from jobmill.schemas.table_schema import TableSchema

if TYPE_CHECKING:
    from jobmill.schemas.validation import ErrorLine, Judgement

MAX_CHECKS = 200
MAX_ERROR_LINES = 10_000


class ValidationParams(Params):
    """Which dataset, which version (none: the newest), and the rules: a schema, checks, or both.

    Without any, the rules are those of the schema that the dataset was imported with.
    """

    dataset: Annotated[DatasetName, Field(description="The dataset to check")]
    version: Annotated[
        Annotated[int, Field(ge=1, le=MAX_VERSION)] | None,
        Field(description="Which version of it; without one, the newest"),
    ] = None
    table_schema: Annotated[
        TableSchema | None,
        Field(alias="schema", description="What each column must be, as a Table Schema; see also checks"),
    ] = None
    checks: Annotated[
        list[Check],
        Field(
            max_length=MAX_CHECKS,
            default_factory=list,
            description="Rules between columns, and on the dataset as a whole",
        ),
    ]


def check_dataset(params: ValidationParams, project_id: str, now: datetime) -> None:
    """Refuse a dataset or version that the project does not have."""
    get_version(project_id, params.dataset, params.version)


@job_type(
    "Validation",
    params=ValidationParams,
    check=check_dataset,
    description="Checks a dataset's rows by rules, and explains each error in a workbook.",
)
def validate_dataset(context: Context[ValidationParams]) -> Result:
    """Judge the version's rows, and list a workbook that explains the errors.

    Gives `dataset`, `version`, `rowsChecked`, `valid`, `errors` (how many errors there are: a row may have several)
    and `rules`: each rule with its `field` (null for one of several columns), `rule` and `errors`, and the `name` of
    a check. A dataset that breaks rules makes a job that is Completed, with `valid` false.
    Raises CallerError `unknown-column`, `bad-pattern`, `bad-check`, `no-rules`.
    """
    from jobmill.reports.validation_workbook import write_validation
    from jobmill.schemas.validation import Validation
    from jobmill.tables.engine import connect

    params = context.params
    version, manifest, parts = context.dataset(params.dataset, params.version)
    context.progress(10, 100, f"Checking {version.rows:,} rows")
    connection = connect(context.workspace)
    context.on_stop(connection.interrupt)
    validation = Validation(connection, parts, schema_of(params, manifest), params.checks)
    judgements = validation.count()
    errors = sum(each.errors for each in judgements)
    context.progress(60, 100, f"Collecting {errors:,} errors")
    lines = validation.errors(MAX_ERROR_LINES)
    context.progress(80, 100, "Writing the report")
    target = context.workspace / "validation.xlsx"
    about = _about(version, errors)
    rules = [(each.field or "", each.name or each.rule, each.errors) for each in judgements]
    write_validation(target, about, rules, map(_error_row, lines), len(lines), errors)
    context.check_cancelled()
    name = f"{params.dataset}-v{version.version}-validation.xlsx"
    context.report(target, name, "validations")
    return {
        "dataset": params.dataset,
        "version": version.version,
        "rowsChecked": validation.rows,
        "valid": errors == 0,
        "errors": errors,
        "rules": [_rule(each) for each in judgements],
        "files": [name],
    }


def schema_of(params: ValidationParams, manifest: Manifest) -> TableSchema | None:
    """The schema that was given, or, where no rules were, the dataset's own. Raises CallerError `no-rules`."""
    if params.table_schema or params.checks:
        return params.table_schema
    if manifest.schema is None:
        raise CallerError(
            "no-rules",
            "The dataset was imported without a schema: give a schema, checks, or both.",
            field="params.schema",
        )
    return TableSchema.model_validate(manifest.schema)


def _about(version: DatasetVersion, errors: int) -> list[tuple[str, str | int]]:
    return [
        ("Dataset", version.name),
        ("Version", version.version),
        ("Made", f"{version.created_at:%Y-%m-%d %H:%M} UTC"),
        ("Author", version.created_by_name),
        ("Rows", version.rows),
        ("Verdict", "valid" if errors == 0 else "not valid"),
    ]


def _rule(judgement: "Judgement") -> Json:
    named: dict[str, Json] = {"name": judgement.name} if judgement.name else {}
    return {"field": judgement.field, "rule": judgement.rule, "errors": judgement.errors, **named}


def _error_row(line: "ErrorLine") -> tuple[int | None, str, str | None, str, str]:
    return line.row, line.field, line.value, line.rule, line.message
