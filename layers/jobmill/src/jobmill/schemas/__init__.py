"""The rules of a table, as Frictionless Table Schema has them, and what they are in DuckDB's SQL."""
