"""A Frictionless Table Schema (version 1), as far as a table of ours can keep it. Imports no data library.

What is refused is refused when the schema is given, with the place: types of nested values, foreign keys, constraints
that do not fit the field's type, limits that are no value of it. Patterns are tried where DuckDB is (`patterns.py`).
"""

from typing import Annotated, Any, Final, Literal, Self

from annotated_types import Ge, Len
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator
from pydantic import Field as Setting
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from jobmill.schemas import date_patterns
from jobmill.schemas.values import Limit, read_limit
from jobmill.tables.columns import ColumnType

MAX_FIELDS: Final = 1_000
MAX_NAME: Final = 1_000
MAX_LISTED: Final = 1_000
MAX_TEXT: Final = 1_000
MAX_NUMBER_FORMAT: Final = 255

type FieldType = Literal[
    "string", "integer", "number", "boolean", "date", "datetime", "time", "year", "yearmonth", "any"
]
_STORED: Final = {
    "integer": ColumnType.INTEGER,
    "year": ColumnType.INTEGER,
    "number": ColumnType.NUMBER,
    "boolean": ColumnType.BOOLEAN,
    "date": ColumnType.DATE,
    "datetime": ColumnType.TIMESTAMP,
}
_NESTED: Final = ("object", "array", "duration", "geopoint", "geojson", "list")
_DATED: Final = ("date", "datetime", "time")
_ORDERED: Final = ("integer", "number", *_DATED, "year", "yearmonth")
STRING_FORMATS: Final = ("default", "email", "uri", "uuid", "binary")
# Which types each constraint is for; required and unique are for all.
_FITTING: Final = {
    "min_length": ("string",),
    "max_length": ("string",),
    "pattern": ("string",),
    "minimum": _ORDERED,
    "maximum": _ORDERED,
}
# Which types each property of a field is for.
_PROPERTIES: Final = {
    "decimal_char": ("number",),
    "group_char": ("integer", "number"),
    "bare_number": ("integer", "number"),
    "true_values": ("boolean",),
    "false_values": ("boolean",),
}


def refused(sentence: str) -> PydanticCustomError:
    """An error with the sentence as it is, which the API shows with its place."""
    return PydanticCustomError("table-schema", "{sentence}", {"sentence": sentence})


def _no_nested(value: object) -> object:
    if value in _NESTED:
        raise refused(f'The type "{value}" has no place in a table\'s cell; give "string", or leave the field out')
    return value


def _no_controls(value: str) -> str:
    if any(character < " " and character not in "\t\n\r" for character in value):
        raise refused("Control characters cannot stand here")
    return value


def _separator(value: str) -> str:
    if len(value) != 1 or value.isdigit() or value in "+-_eE" or value < " ":
        raise refused("Give one character that is no digit, sign, underscore or e")
    return value


def _no_keys(value: object) -> object:
    if value:
        raise refused("Foreign keys are not checked: leave foreignKeys out")
    return value


Text = Annotated[str, StringConstraints(max_length=MAX_TEXT), AfterValidator(_no_controls)]
Separator = Annotated[str, AfterValidator(_separator)]
Texts = Annotated[list[Text], Len(0, MAX_LISTED)]
SomeTexts = Annotated[list[Text], Len(1, MAX_LISTED)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME), AfterValidator(_no_controls)]


class _Model(BaseModel):
    """camelCase in JSON, unknown names refused, never changed."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)


class Constraints(_Model):
    """What a field's values must be."""

    required: bool = False
    unique: bool = False
    min_length: Annotated[int, Ge(0)] | None = None
    max_length: Annotated[int, Ge(0)] | None = None
    minimum: int | float | Text | None = None
    maximum: int | float | Text | None = None
    pattern: Text | None = None
    enum: Annotated[list[bool | int | float | Text], Len(1, MAX_LISTED)] | None = None


class Field(_Model):
    """One field. `format` is "default" or, for dates and times, a pattern; texts may be email, uri, uuid, binary."""

    name: Name
    type: Annotated[FieldType, BeforeValidator(_no_nested)] = "string"
    format: Text = "default"
    title: str | None = None
    description: str | None = None
    example: Any = None
    examples: Any = None
    rdf_type: str | None = None
    constraints: Constraints = Constraints()
    decimal_char: Separator | None = None
    group_char: Separator | None = None
    bare_number: bool = True
    true_values: SomeTexts = ["true", "True", "TRUE", "1"]
    false_values: SomeTexts = ["false", "False", "FALSE", "0"]
    missing_values: Texts | None = None
    number_format: (
        Annotated[str, StringConstraints(max_length=MAX_NUMBER_FORMAT), AfterValidator(_no_controls)] | None
    ) = None

    @property
    def stored(self) -> ColumnType:
        """The type of the field's column in a dataset."""
        return _STORED.get(self.type, ColumnType.TEXT)

    def limit(self, value: bool | int | float | str) -> Limit | None:
        """A constraint's value as one of the field's values; None if it is none."""
        return read_limit(self, value)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, types in _PROPERTIES.items():
            if name in self.model_fields_set and self.type not in types:
                raise refused(f"{to_camel(name)} is for {_listed(types)}, and this field is of type {self.type}")
        if self.decimal_char and self.decimal_char == self.group_char:
            raise refused("decimalChar and groupChar are the same character")
        both = set(self.true_values) & set(self.false_values)
        if both:
            raise refused(f'"{min(both)}" stands in trueValues and falseValues')
        self._check_format()
        self._check_constraints()
        return self

    def _check_format(self) -> None:
        if self.format == "default":
            return
        if self.type in _DATED:
            fault = date_patterns.fault(self.format, self.type)
            if fault:
                raise refused(f'The format "{self.format}" cannot be used. {fault}')
        elif self.type != "string" or self.format not in STRING_FORMATS:
            known = _listed(STRING_FORMATS) if self.type == "string" else "default"
            raise refused(f'The format "{self.format}" is not known for the type {self.type}; it may be {known}')

    def _check_constraints(self) -> None:
        given = self.constraints
        for name, types in _FITTING.items():
            if getattr(given, name) is not None and self.type not in types:
                raise refused(f"{to_camel(name)} is for {_listed(types)}, and this field is of type {self.type}")
        for name in ("minimum", "maximum"):
            value = getattr(given, name)
            if value is not None and self.limit(value) is None:
                raise refused(f'The {name} "{value}" is no {self.type} in the form that the field\'s cells have')
        for value in given.enum or ():
            if self.limit(value) is None:
                raise refused(f'The value "{value}" of enum is no {self.type} in the form that the field\'s cells have')


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) and value else value or None


class TableSchema(_Model):
    """A table's fields in order, which texts are missing values, and which fields tell its rows apart."""

    fields: Annotated[list[Field], Len(1, MAX_FIELDS)]
    missing_values: Texts = [""]
    primary_key: Annotated[
        list[Name] | None, BeforeValidator(_as_list, json_schema_input_type=list[Name] | Name | None)
    ] = None
    foreign_keys: Annotated[Any, BeforeValidator(_no_keys)] = None
    profile: Annotated[str | None, Setting(alias="$schema")] = None
    name: str | None = None
    title: str | None = None
    description: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The schema as it was given: `TableSchema.model_validate` reads it back."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def missing(self, field: Field) -> list[str]:
        """The texts that stand for no value in the field's cells; its own list wins over the table's."""
        return self.missing_values if field.missing_values is None else field.missing_values

    @model_validator(mode="after")
    def _check(self) -> Self:
        seen: dict[str, str] = {}
        for field in self.fields:
            same = seen.setdefault(field.name.lower(), field.name)
            if same is not field.name:
                raise refused(f'Two fields are named "{field.name}" and "{same}", upper and lower case aside')
        names = {field.name for field in self.fields}
        key = self.primary_key or []
        for name in key:
            if name not in names:
                raise refused(f'primaryKey names "{name}", which is none of the fields')
        if len(set(key)) < len(key):
            raise refused("primaryKey names a field twice")
        return self


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
