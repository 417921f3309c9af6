"""What an import takes, checked as far as it can be without the file."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from jobmill.names import DATASET_NAME
from jobmill.processing.registry import Params
from jobmill.processors.imports.first_import import first_import
from jobmill.projects.uploads import get_upload
from jobmill.schemas.table_schema import TableSchema
from jobmill.tables.csv_layout import MAX_COLUMNS

DatasetName = Annotated[str, StringConstraints(pattern=f"^{DATASET_NAME.pattern}$")]
ColumnName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20]([^\x00-\x1f]*[^\x00-\x20])?$", max_length=255)]
Mode = Literal["replace", "append", "upsert"]
MAX_ERRORS = 100_000
"""The most bad rows that an import explains; a file with more of them is another table than was thought."""
Encoding = Literal[
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1257",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
    "koi8-r",
    "macintosh",
    "shift_jis",
    "gb18030",
    "big5",
    "euc-kr",
]
_OF_THE_FIRST = ("dataset", "mode", "schema_", "mapping", "on_error")
"""What a continuing import has from the first one."""


class CsvForm(Params):
    """The form of a CSV file, where it is not to be found out."""

    delimiter: Annotated[Literal[",", ";", "\t", "|"] | None, Field(description="What stands between cells")] = None
    quote_char: Annotated[Literal['"', "'"] | None, Field(description="What stands around some cells")] = None
    encoding: Annotated[Encoding | None, Field(description="The encoding of the file's text")] = None
    decimal_char: Annotated[
        Literal[".", ","] | None, Field(description="What stands between a number's whole part and its decimals")
    ] = None


class ImportParams(Params):
    """`uploadId` of a finished upload in the project, and the `dataset` that its rows go into.

    Or, with `continues`, the id of an import of which bad rows come back corrected: all else is then as it was there.
    """

    upload_id: Annotated[str, Field(description="The uploaded file")]
    continues: Annotated[
        str | None, Field(description="The import of which corrected rows come back; all else is then as it was there")
    ] = None
    dataset: Annotated[
        DatasetName | None, Field(validate_default=True, description="The dataset that the rows go into")
    ] = None
    mode: Annotated[
        Mode,
        Field(
            description="replace: these rows take the place of the dataset's. append: they are added to them. "
            "upsert: they replace those with the same key, and are added otherwise"
        ),
    ] = "replace"
    schema_: Annotated[
        TableSchema | None,
        Field(alias="schema", description="What each column must be, as a Table Schema; without one, it is found out"),
    ] = None
    mapping: Annotated[
        Annotated[dict[str, ColumnName], Field(max_length=MAX_COLUMNS)] | None,
        Field(description="The file's column names, each with the name that it is to have in the dataset"),
    ] = None
    on_error: Annotated[
        Literal["reject-rows", "all-or-nothing"],
        Field(description="reject-rows: bad rows are left out. all-or-nothing: with one bad row, none is taken"),
    ] = "reject-rows"
    max_errors: Annotated[
        int, Field(ge=0, le=MAX_ERRORS, description="With more bad rows than these the import fails")
    ] = MAX_ERRORS
    sheet: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=100)] | None,
        Field(description="The workbook's sheet to read; without it, the first one that can be seen"),
    ] = None
    csv: Annotated[CsvForm, Field(description="The form of a CSV file, where it is not to be found out")] = CsvForm()

    @field_validator("dataset")
    @classmethod
    def _is_named(cls, dataset: str | None, info: ValidationInfo) -> str | None:
        if dataset is None and info.data.get("continues") is None:
            raise ValueError("Name the dataset that the rows go into, or the import that this one continues")
        return dataset

    @model_validator(mode="after")
    def _check(self) -> Self:
        given = [name.rstrip("_") for name in _OF_THE_FIRST if name in self.model_fields_set]
        if self.continues is not None and given:
            raise ValueError(f"An import that continues another one has its {', '.join(given)}: leave them out")
        if self.mode == "upsert" and self.schema_ and not self.schema_.primary_key:
            raise ValueError("To replace rows by their key, the schema must have a primaryKey")
        self._check_mapping()
        return self

    def _check_mapping(self) -> None:
        fields = list((self.mapping or {}).values())
        for field in fields:
            if fields.count(field) > 1:
                raise ValueError(f'Two columns are mapped to "{field}"')
            if self.schema_ and field not in {known.name for known in self.schema_.fields}:
                raise ValueError(f'The mapping names "{field}", which is none of the schema\'s fields')


def check_import(params: ImportParams, project_id: str, now: datetime) -> None:
    """Refuse an upload that the project does not have, and an import that cannot be continued.

    Raises Unprocessable `upload-not-found`, and as `first_import`.
    """
    get_upload(params.upload_id, project_id, now)
    if params.continues is not None:
        first_import(params.continues, project_id)
