"""DynamoDB's capacity units, by the documented rules: the local AWS counts no indexes.

A write costs one unit for each begun KB of the larger of the item before and after it, twice that in a transaction, and
one unit for each entry of an index that it makes, and one for each that it removes (KEYS_ONLY entries are far below
1 KB; the service brings them up to date by itself, outside of the transaction). A read costs one unit for each begun
4 KB if it is consistent, else half of one; so does an item that is not there.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from tests.chaos.calls_seen import Seen

type Item = Mapping[str, Mapping[str, Any]]

INDEXES = (("project_id", "id"), ("scope", "status_id"), ("look_shard", "look_at"))
"""The keys of the table's indexes; tests/chaos/test_units.py holds them to the template."""
WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})
READS = frozenset({"GetItem", "BatchGetItem", "Query"})


def size(item: Item) -> int:
    """An item's size in bytes, as DynamoDB counts it."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind in ("S", "B"):
        return len(content.encode())
    if kind == "N":
        return (len(content.strip("-").replace(".", "")) + 1) // 2 + 1
    if kind == "M":
        return 3 + sum(len(name.encode()) + _value_size(each) + 1 for name, each in content.items())
    if kind == "L":
        return 3 + sum(_value_size(each) + 1 for each in content)
    return 1


def write_units(before: Item | None, after: Item | None, *, in_transaction: bool) -> int:
    """The units of one write, indexes included."""
    table = max(1, math.ceil(max(size(before or {}), size(after or {})) / 1024))
    entries = ((_entry(before, keys), _entry(after, keys)) for keys in INDEXES)
    index = sum((old is not None) + (new is not None) for old, new in entries if old != new)
    return table * (2 if in_transaction else 1) + index


def _entry(item: Item | None, keys: tuple[str, str]) -> tuple[Any, ...] | None:
    return tuple(item[key] for key in keys) if item and all(key in item for key in keys) else None


def written(records: Iterable[Mapping[str, Any]], calls: Iterable[Seen]) -> dict[str, int]:
    """The write units of each row, by its key: the n-th change of a row is that of the n-th call that wrote it."""
    in_transaction: dict[str, list[bool]] = {}
    for call in calls:
        for key in call.keys if call.operation in WRITES else ():
            in_transaction.setdefault(key, []).append(call.operation == "TransactWriteItems")
    units: dict[str, int] = {}
    for record in records:
        key = "|".join(record["dynamodb"]["Keys"][name]["S"] for name in ("pk", "sk"))
        if in_transaction.get(key):
            images = (record["dynamodb"].get("OldImage"), record["dynamodb"].get("NewImage"))
            units[key] = units.get(key, 0) + write_units(*images, in_transaction=in_transaction[key].pop(0))
    return units


def read_units(call: Seen) -> float:
    """The units of one read; the answer's length stands for the items' size, which it exceeds a little."""
    if call.operation not in READS:
        return 0
    each = max(1, math.ceil(call.received / max(1, len(call.keys)) / 4096))
    return each * max(1, len(call.keys)) * (1 if call.is_consistent else 0.5)
