"""What an import is to do, its own parameters joined to those of the import that it continues."""

from dataclasses import dataclass
from typing import Any

from jobmill.errors import CallerError, Unprocessable
from jobmill.processing.context import Context
from jobmill.processors.imports.first_import import first_import, nothing_to_continue
from jobmill.processors.imports.params import CsvForm, ImportParams, Mode
from jobmill.projects.dataset_files import DatasetColumn, Manifest
from jobmill.projects.datasets import DatasetVersion
from jobmill.schemas.compiler import unique_groups
from jobmill.schemas.table_schema import Field, FieldType, TableSchema
from jobmill.tables.columns import ColumnType
from jobmill.tables.upsert import check_same_columns

_FIELD_TYPES: dict[ColumnType, FieldType] = {
    ColumnType.TEXT: "string",
    ColumnType.INTEGER: "integer",
    ColumnType.NUMBER: "number",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.TIMESTAMP: "datetime",
}


@dataclass(frozen=True)
class Order:
    """Where the rows go, and by which rules they are taken. `job_id` is the first import's.

    `base` is the version that they are put on top of, none if they replace the dataset or begin it.
    """

    job_id: str
    dataset: str
    mode: Mode
    schema: TableSchema | None
    mapping: dict[str, str]
    csv: CsvForm
    is_correction: bool
    base: tuple[DatasetVersion, Manifest] | None
    stored_schema: dict[str, Any] | None
    """The schema that the new version keeps: that of its line's first one."""

    @property
    def replaces_rows(self) -> bool:
        """Whether a row takes the place of the one that has its key."""
        return self.mode == "upsert"

    @property
    def has_unique_fields(self) -> bool:
        """Whether a row can be bad for what stands in another one."""
        return self.schema is not None and bool(unique_groups(self.schema))


def order_of(context: Context[ImportParams]) -> Order:
    """Read the order. Raises as `first_import`, and Unprocessable `no-primary-key`."""
    params = context.params
    if params.continues is None:
        return _with_base(context, context.job.id, params, params.csv, is_correction=False)
    first = first_import(params.continues, context.job.project_id)
    original = ImportParams.model_validate(first.params)
    result: Any = first.result
    # Cells that nobody touched are still in the form of the first file.
    found = original.csv.decimal_char or result.get("csv", {}).get("decimalChar")
    decimal_char = params.csv.decimal_char or found
    csv = params.csv.model_copy(update={"decimal_char": decimal_char})
    return _with_base(context, first.id, original, csv, is_correction=True)


def _with_base(
    context: Context[ImportParams], job_id: str, params: ImportParams, csv: CsvForm, *, is_correction: bool
) -> Order:
    assert params.dataset is not None
    is_on_top = is_correction or params.mode != "replace"
    base = context.dataset_head(params.dataset) if is_on_top else None
    schema = params.schema_
    if base:
        schema = _in_order(schema, base[1]) if schema else _schema_of(base[1])
    if params.mode == "upsert" and not (schema and schema.primary_key):
        raise Unprocessable(
            "no-primary-key",
            "To replace rows by their key, give a schema with a primaryKey: the dataset has none.",
            field="params.schema",
        )
    if is_correction and (base is None or job_id not in base[1].open_rows):
        raise nothing_to_continue()
    given = params.schema_.to_json() if params.schema_ else None
    stored = base[1].schema if base else given
    return Order(job_id, params.dataset, params.mode, schema, params.mapping or {}, csv, is_correction, base, stored)


def _schema_of(manifest: Manifest) -> TableSchema:
    """The schema that the dataset was made with, or else one of its columns' types."""
    if manifest.schema:
        return TableSchema.model_validate(manifest.schema)
    return TableSchema(
        fields=[Field(name=each.name, type=_FIELD_TYPES[ColumnType(each.type)]) for each in manifest.columns]
    )


def _in_order(schema: TableSchema, manifest: Manifest) -> TableSchema:
    """The schema with its fields in the order of the dataset's columns, which they must be."""
    check_same_columns(manifest.columns, [DatasetColumn(field.name, field.stored) for field in schema.fields])
    _same_keys(schema, manifest)
    places = [column.name for column in manifest.columns]
    fields = sorted(schema.fields, key=lambda field: places.index(field.name))
    return schema.model_copy(update={"fields": fields})


def _same_keys(schema: TableSchema, manifest: Manifest) -> None:
    """Refuse a schema by which rows could go in twice that the dataset's own keeps apart."""
    if manifest.schema is None:
        return
    lost = set(unique_groups(TableSchema.model_validate(manifest.schema))) - set(unique_groups(schema))
    if lost:
        names = ", ".join(f'"{name}"' for name in sorted(lost)[0])
        raise CallerError(
            "key-differs",
            f"In the dataset {names} must tell the rows apart, and by this schema it need not. Add it, or give none.",
            field="params.schema",
        )
