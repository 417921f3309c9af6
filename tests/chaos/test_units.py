"""DynamoDB's units by its rules."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chaos.calls_seen import Seen
from tests.chaos.units import INDEXES, read_units, size, write_units, written

ROW: dict[str, Any] = {"pk": {"S": "job#1"}, "sk": {"S": "job"}, "version": {"N": "1"}}
INDEXED = ROW | {"project_id": {"S": "demo"}, "id": {"S": "1"}}


def call(operation: str, *keys: str, received: int = 100, consistent: bool = True) -> Seen:
    return Seen(0, 0, "f", "dynamodb", operation, 200, received, None, keys or ("job#1|job",), consistent)


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"S": "é"}, 2), ({"N": "12"}, 2), ({"N": "-123"}, 3), ({"BOOL": True}, 1), ({"L": []}, 3),
     ({"L": [{"S": "ab"}]}, 6), ({"M": {"a": {"S": "b"}}}, 6)],
)  # fmt: skip
def test_a_value_has_the_size_that_dynamodb_gives_it(value: dict[str, Any], expected: int) -> None:
    assert size({"name": value}) == 4 + expected


def test_a_write_costs_its_kilobytes_twice_in_a_transaction() -> None:
    large = ROW | {"data": {"S": "x" * 1500}}
    assert write_units(None, ROW, in_transaction=False) == 1
    assert write_units(large, ROW, in_transaction=False) == 2
    assert write_units(large, ROW, in_transaction=True) == 4


def test_an_index_costs_what_enters_it_and_what_leaves_it() -> None:
    moved = INDEXED | {"project_id": {"S": "other"}}
    assert write_units(None, INDEXED, in_transaction=False) == 2
    assert write_units(INDEXED, INDEXED | {"version": {"N": "2"}}, in_transaction=False) == 1
    assert write_units(INDEXED, moved, in_transaction=False) == 3
    assert write_units(INDEXED, ROW, in_transaction=False) == 2


def test_a_change_is_that_of_the_call_that_made_it() -> None:
    keys = {"pk": ROW["pk"], "sk": ROW["sk"]}
    records = [
        {"dynamodb": {"Keys": keys, "NewImage": ROW}},
        {"dynamodb": {"Keys": keys, "OldImage": ROW, "NewImage": ROW}},
    ]
    assert written(records, [call("PutItem"), call("GetItem"), call("TransactWriteItems")]) == {"job#1|job": 3}


def test_reads_cost_half_unless_consistent() -> None:
    assert read_units(call("GetItem")) == 1
    assert read_units(call("GetItem", received=5000)) == 2
    assert read_units(call("BatchGetItem", "a", "b", consistent=False)) == 1
    assert read_units(call("PutItem")) == 0


def test_the_indexes_are_those_of_the_template() -> None:
    class Loader(yaml.SafeLoader):
        """Reads CloudFormation's short functions as what they are given."""

    Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
    template = yaml.load((Path(__file__).parents[2] / "template.yaml").read_text(), Loader)
    indexes = template["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"]
    assert [tuple(key["AttributeName"] for key in index["KeySchema"]) for index in indexes] == list(INDEXES)
    assert {index["Projection"]["ProjectionType"] for index in indexes} == {"KEYS_ONLY"}
