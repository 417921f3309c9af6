"""Tables: CSV and workbooks in and out of typed Parquet files. Knows DuckDB; no AWS, no jobs, no datasets."""
