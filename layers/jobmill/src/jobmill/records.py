"""What every row of the one table shares: its keys, its name, and how times and JSON are written."""

import json
from datetime import datetime
from typing import Any

from pynamodb.attributes import Attribute, UnicodeAttribute
from pynamodb.constants import NUMBER, STRING
from pynamodb.exceptions import PynamoDBException

from jobmill.aws import CONNECT_SECONDS, READ_SECONDS
from jobmill.json_values import Json, dump_json
from jobmill.settings import settings
from jobmill.times import from_milliseconds, milliseconds

_CONDITION_FAILED = "ConditionalCheckFailed"
_CONFLICT = "TransactionConflict"


class _TableName:
    """The table's name, read from the settings at the first call and not at import."""

    def __get__(self, instance: object, owner: type) -> str:
        return settings().table


class TableMeta:
    """pynamodb's settings of every record: the table, and short patience on the request path, with one retry."""

    table_name: Any = _TableName()
    connect_timeout_seconds = CONNECT_SECONDS
    read_timeout_seconds = READ_SECONDS
    max_retry_attempts = 1


class MomentAttribute(Attribute[datetime]):
    """An aware UTC time as integer epoch milliseconds: any writer and any language can compare it."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        """The number as DynamoDB takes it."""
        return str(milliseconds(value))

    def deserialize(self, value: str) -> datetime:
        """The time of DynamoDB's number."""
        return from_milliseconds(int(value))


class ExpiryAttribute(Attribute[datetime]):
    """An aware UTC time as integer epoch *seconds*, which is what DynamoDB's TTL reads."""

    attr_type = NUMBER

    def serialize(self, value: datetime) -> str:
        """The number as DynamoDB takes it, rounded down."""
        return str(milliseconds(value) // 1000)

    def deserialize(self, value: str) -> datetime:
        """The time of DynamoDB's number."""
        return from_milliseconds(int(value) * 1000)


class JsonTextAttribute(Attribute[Json]):
    """Any JSON as text: DynamoDB's own numbers would turn 1.0 into 1 and end at 38 digits."""

    attr_type = STRING

    def serialize(self, value: Json) -> str:
        """The text as DynamoDB keeps it."""
        return dump_json(value)

    def deserialize(self, value: str) -> Json:
        """The value of a stored text."""
        parsed: Json = json.loads(value)
        return parsed


def hash_key() -> UnicodeAttribute:
    """The partition key of every record."""
    return UnicodeAttribute(hash_key=True)


def sort_key(default: str | None = None) -> UnicodeAttribute:
    """The sort key of every record; `default` for kinds of which a partition holds one."""
    return UnicodeAttribute(range_key=True, default=default)


def is_refused(error: PynamoDBException) -> bool:
    """Whether a write was refused by its own condition (in a transaction: by any of them)."""
    return _code(error) == "ConditionalCheckFailedException" or _CONDITION_FAILED in _reasons(error)


def is_contended(error: PynamoDBException) -> bool:
    """Whether a transaction met another one on the same row: nothing was written, and it may be repeated."""
    return _CONFLICT in _reasons(error)


def _code(error: PynamoDBException) -> str | None:
    """DynamoDB's code, none if it never answered; pynamodb's own reading of it breaks on a closed connection."""
    response = getattr(error.cause, "response", None) or {}
    code: str | None = response.get("Error", {}).get("Code")
    return code


def _reasons(error: PynamoDBException) -> set[str]:
    reasons = getattr(error, "cancellation_reasons", ())
    return {reason.code for reason in reasons if reason}
