"""The table that everything is measured on: its columns, and the twelve rules that it is validated by."""

from typing import Any, Final

ROWS_BETWEEN_BAD_PRICES: Final = 10_007
ROWS_BETWEEN_BAD_CITIES: Final = 20_011
CITIES: Final = ("Oslo", "Bergen", "München", "São Paulo", "København", "Zürich", "Graz", "Łódź", "Paris", "Lyon")

# Type, and constraints: twelve in all.
_FIELDS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "id": ("integer", {"required": True, "unique": True, "minimum": 1}),
    "sku": ("string", {"required": True, "pattern": "[0-9]{6}-[0-9]{2}"}),
    "name": ("string", {"minLength": 3, "maxLength": 40}),
    "city": ("string", {"enum": [*CITIES]}),
    "price": ("number", {"minimum": 0, "maximum": 10_000}),
    "quantity": ("integer", {"minimum": 0}),
    "ordered": ("date", {"minimum": "2000-01-01"}),
    "updated": ("datetime", {}),
    "active": ("boolean", {}),
    "note": ("string", {}),
}
COLUMNS: Final = tuple(_FIELDS)
# What a price and a city of the bad rows break.
_BROKEN: Final = {"price": "minimum", "city": "enum"}


def schema(*, holds: bool = False) -> dict[str, Any]:
    """The Table Schema with its twelve rules; with `holds` without the two that some rows break, and `unique`."""
    left_out = {*_BROKEN.values(), "unique"} if holds else set()
    fields = []
    for name, (type_, given) in _FIELDS.items():
        kept = {rule: limit for rule, limit in given.items() if rule not in left_out or _is_kept(name, rule)}
        fields.append({"name": name, "type": type_, "constraints": kept})
    return {"fields": fields}


def _is_kept(name: str, rule: str) -> bool:
    return rule != "unique" and _BROKEN.get(name) != rule


def by_hand(source: str) -> str:
    """The twelve rules in SQL as somebody would write them, each counted in one pass over `source`."""
    cities = ", ".join(f"'{city}'" for city in CITIES)
    broken = (
        "id IS NULL",
        "id < 1",
        "sku IS NULL",
        "NOT regexp_full_match(sku, '[0-9]{6}-[0-9]{2}')",
        "length(name) < 3",
        "length(name) > 40",
        f"city NOT IN ({cities})",
        "price < 0",
        "price > 10000",
        "quantity < 0",
        "ordered < DATE '2000-01-01'",
    )
    counts = ", ".join(f"count_if({each})" for each in broken)
    return f"SELECT count(*), count(id) - count(DISTINCT id), {counts} FROM {source}"


def broken_by_hand(source: str, limit: int) -> str:
    """The rows that break the two rules which are broken, as somebody would then ask for them."""
    cities = ", ".join(f"'{city}'" for city in CITIES)
    return (
        f"SELECT * FROM (SELECT row_number() OVER () + 1 AS row, city, price FROM {source})"
        f" WHERE city NOT IN ({cities}) OR price < 0 LIMIT {limit}"
    )
