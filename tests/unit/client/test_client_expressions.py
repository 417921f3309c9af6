"""The small languages of the command's options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobmill_client import Misuse
from jobmill_client.cli import expressions
from jobmill_client.cli.display import plain

CONDITIONS: dict[str, tuple[str, str, Any]] = {
    "country = DE": ("country", "=", "DE"),
    "age>=18": ("age", ">=", 18),
    "age <= 1.5": ("age", "<=", 1.5),
    "age != null": ("age", "!=", None),
    "paid = true": ("paid", "=", True),
    'code = "007"': ("code", "=", "007"),
    "code = 007": ("code", "=", "007"),
    "code = NaN": ("code", "=", "NaN"),
    "note = a = b": ("note", "=", "a = b"),
    '"first name" contains da': ("first name", "contains", "da"),
    '"a=b" < 3': ("a=b", "<", 3),
    "name startsWith in the": ("name", "startsWith", "in the"),
    "name STARTSWITH x": ("name", "startsWith", "x"),
    'country in ["DE", "FR"]': ("country", "in", ["DE", "FR"]),
    "country in DE, FR": ("country", "in", ["DE", "FR"]),
    "size in 1,2": ("size", "in", [1, 2]),
    'name = ""': ("name", "=", ""),
    "größe > 3": ("größe", ">", 3),
}


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_is_column_op_and_value(text: str) -> None:
    column, op, value = CONDITIONS[text]
    assert expressions.condition(text) == {"column": column, "op": op, "value": value}


def test_a_condition_about_null_has_no_value() -> None:
    assert expressions.condition("city isnull") == {"column": "city", "op": "isNull"}
    assert expressions.condition("city notNull") == {"column": "city", "op": "notNull"}


@pytest.mark.parametrize("text", ["", "country", "country =", "a like b", "= 3", "a isNull 3", "a inDE", "a in"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(Misuse):
        expressions.condition(text)


def test_an_order_is_ascending_unless_it_says_desc() -> None:
    assert expressions.order("name:desc, a:b ,c:asc") == [
        {"column": "name", "descending": True},
        {"column": "a:b"},
        {"column": "c"},
    ]
    with pytest.raises(Misuse):
        expressions.order(":desc")


def test_a_list_may_quote_a_comma() -> None:
    assert expressions.comma_list('a, "b, c",d') == ["a", "b, c", "d"]
    assert expressions.comma_list("") == []


def test_a_datasets_name_is_made_safe() -> None:
    names = {"Kunden Köln (2).csv": "kunden_koln_2", "a.b.xlsx": "a_b", "x" * 99 + ".csv": "x" * 63}
    assert {name: expressions.dataset_name(Path(name)) for name in names} == names
    with pytest.raises(Misuse, match="--dataset"):
        expressions.dataset_name(Path("客户.csv"))


def test_params_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "params.json"
    file.write_text('{"a": 1}')
    assert expressions.params(f"@{file}") == {"a": 1}
    file.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(Misuse):
        expressions.params(f"@{file}")


def test_a_moment_without_a_zone_is_of_this_computer() -> None:
    assert expressions.moment("2026-07-31").utcoffset() is not None
    assert expressions.moment("2026-07-31T08:00Z").timestamp() == 1785484800


def test_text_of_the_server_cannot_steer_the_terminal() -> None:
    assert plain("a\x1b[2J\x9b\r\nb") == "a\ufffd[2J\ufffd\ufffd b"
