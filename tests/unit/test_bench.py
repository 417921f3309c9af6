"""What `make bench` measures is done and shown; how fast it is, no test can say on a machine that others use too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import bare, ours
from bench.rules import ROWS_BETWEEN_BAD_CITIES, ROWS_BETWEEN_BAD_PRICES
from bench.table import Files, make_table

ROOT = Path(__file__).parents[2]
ROWS = 21_000
BAD = ROWS // ROWS_BETWEEN_BAD_PRICES + ROWS // ROWS_BETWEEN_BAD_CITIES


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    files = Files(tmp_path_factory.mktemp("bench"))
    make_table(files, ROWS, few_rows=10)
    ours.run("import", files, files.made("dataset"))
    return files


@pytest.mark.parametrize(
    ("step", "made", "errors"),
    [
        ("import", ["manifest.json", "part-00000.parquet"], 0),
        ("import-by-schema", ["manifest.json", "part-00000.parquet"], 0),
        ("import-bad-rows", ["errors.csv", "errors.xlsx", "manifest.json", "part-00000.parquet"], BAD),
        ("validate", ["products-v1-validation.xlsx"], BAD),
        ("export", ["products-v1.xlsx"], None),
    ],
)
def test_a_step_is_the_job_of_a_processor(step: str, made: list[str], errors: int | None, files: Files) -> None:
    folder = files.made(f"test-{step}")
    result = ours.run(step, files, folder)
    assert result.get("recordsProcessed", result.get("rowsChecked")) == ROWS
    assert result.get("errors") == errors
    assert [path.name for path in sorted(folder.iterdir())] == made


@pytest.mark.parametrize(
    ("step", "errors"), [("import", None), ("import-by-schema", None), ("validate", BAD), ("export", None)]
)
def test_the_bare_engine_does_the_same_rows_and_finds_the_same_errors(
    step: str, errors: int | None, files: Files
) -> None:
    assert bare.run(step, files, files.made(f"test-bare-{step}")) == (ROWS, errors)


def test_the_command_shows_ours_beside_the_bare_engine(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "--rows", "2000", "--runs", "1", "--only", "validate", "--no-peers"]
    environment = os.environ | {"COLUMNS": "120"}
    done = subprocess.run(
        [*command, "--state", str(tmp_path)], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    [ours_line] = [line for line in lines if line.startswith("Validate by 12 rules, some rows bad  2,000 ")]
    assert ours_line.endswith("×")
    assert any(line.startswith("  DuckDB, SQL by hand ") for line in lines)
    assert "peak MB" in done.stdout


def test_a_program_that_fails_ends_the_command(tmp_path: Path) -> None:
    (tmp_path / "10").mkdir()
    (tmp_path / "10" / "schema.json").write_text("{}")
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--rows", "10", "--only", "import", "--state", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "bench.ours import ended with 1." in done.stdout
