"""What `sam build` makes, seen as Lambda sees it: the built folders and the runtime's boto3, nothing else."""

import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

from tests.template.expansion import ROOT, Expansion

FUNCTIONS = {
    "JobsApi": "jobs_api.handler",
    "Dispatcher": "dispatcher.handler",
    "Settle": "settle.handler",
    "Notifier": "notifier.handler",
    "Reconciler": "reconciler.handler",
    "DeadLetters": "dead_letters.handler",
    "LiveSockets": "live_sockets.handler",
    "LiveUpdates": "live_updates.handler",
    "ImportProcessor": "processor.handler",
}
AMAZON_LINUX_2023_GLIBC = 34
RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
LAMBDA_LIMIT_BYTES = 250 * 1024**2


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what Lambda's own Python brings along."""
    folder = tmp_path_factory.mktemp("runtime")
    for name in RUNTIME:
        spec = find_spec(name)
        origin = Path(str(spec and spec.origin))
        assert origin.is_file(), name
        place = origin.parent if origin.name == "__init__.py" else origin
        (folder / place.name).symlink_to(place)
    return folder


def run_isolated(folders: list[Path], code: str) -> None:
    """Run code in an interpreter that has the standard library and these folders."""
    paths = [str(folder) for folder in folders]
    program = f"import sys; sys.path[:0] = {paths!r}\n{code}"
    done = subprocess.run(
        [sys._base_executable, "-I", "-S", "-B", "-c", program],  # type: ignore[attr-defined]
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def layers(built: Path, function: str) -> list[Path]:
    names = ["TablesLayer"] if function.endswith("Processor") else []
    return [built / name / "python" for name in [*names, "JobmillLayer", "DependenciesLayer"]]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_handler_imports_from_what_is_shipped(built: Path, runtime: Path, function: str) -> None:
    folders = [*layers(built, function), built / function, runtime]

    run_isolated(folders, f"from {FUNCTIONS[function]} import handler\nassert callable(handler)")


def test_a_processor_finds_every_job_type_and_the_data_libraries(built: Path, runtime: Path) -> None:
    folders = [*layers(built, "ImportProcessor"), built / "ImportProcessor", runtime]
    code = (
        "import duckdb, iso4217, openpyxl, rapidfuzz, requests, rustpy_xlsxwriter, snowballstemmer\n"
        "import jobmill.downloads, jobmill.reports.images, jobmill.reports.test_run_workbook\n"
        "from jobmill.processors import job_types\n"
        "assert set(job_types()) == {'Import', 'Export', 'Validation', 'TestRun', 'Analysis', 'Task'}\n"
        "assert duckdb.connect().execute('select 42').fetchall() == [(42,)]"
    )

    run_isolated(folders, code)


def test_the_api_has_the_dashboard_as_a_package(built: Path, runtime: Path) -> None:
    folders = [built / "DashboardLayer" / "python", *layers(built, "JobsApi"), built / "JobsApi", runtime]
    code = (
        "from jobs_api.dashboard_files import asset, assets, page\n"
        "assert b'jobmill-settings' in page().content\n"
        "assert assets() and all(asset(name).content for name in assets())"
    )

    run_isolated(folders, code)


def test_a_layer_without_a_built_dashboard_is_not_made(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "layers" / "dashboard", tmp_path / "layer", ignore=shutil.ignore_patterns("files"))
    made = subprocess.run(
        ["make", "build-DashboardLayer", f"ARTIFACTS_DIR={tmp_path / 'made'}"],
        cwd=tmp_path / "layer",
        capture_output=True,
        text=True,
        check=False,
    )

    assert made.returncode != 0
    assert "The dashboard is not built. Run: make dashboard" in made.stderr
    assert not (tmp_path / "made").exists()


def test_a_program_of_its_own_needs_no_data_libraries(built: Path, runtime: Path) -> None:
    folders = [*layers(built, "JobsApi"), runtime]

    run_isolated(folders, "import jobmill.downloads, jobmill.jobs.operations, jobmill.reports.uploads")


@pytest.mark.parametrize("function", ["JobsApi", "TaskStarter", "TaskWatch"])
def test_the_tasks_are_known_without_data_libraries(function: str, built: Path, runtime: Path) -> None:
    folders = [*layers(built, function), built / function, runtime]
    code = (
        "import sys\n"
        "from jobmill.scheduled import scheduled_tasks\n"
        "assert 'collect_charge_cdrs' in scheduled_tasks()\n"
        "assert 'duckdb' not in sys.modules and 'openpyxl' not in sys.modules"
    )

    run_isolated(folders, code)


@pytest.mark.parametrize("layer", ["DependenciesLayer", "TablesLayer", "JobmillLayer"])
def test_a_layer_ships_nothing_of_the_runtimes_pair(built: Path, layer: str) -> None:
    """Another botocore than the runtime's would shadow it, and not fit its boto3."""
    shipped = {path.name.partition("-")[0] for path in (built / layer / "python").iterdir()}

    assert shipped
    assert not shipped & {"boto3", "botocore", "s3transfer"}


def test_a_processor_fits_into_lambda(built: Path) -> None:
    folders = [*layers(built, "ImportProcessor"), built / "ImportProcessor"]
    size = sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())

    assert size < LAMBDA_LIMIT_BYTES


def test_on_aws_the_wheels_are_for_the_functions_processor(aws: Expansion) -> None:
    platforms = {
        line.split()[-1]
        for path in (ROOT / "layers").glob("*/Makefile")
        for line in path.read_text().splitlines()
        if line.startswith("LAYER_PLATFORM ?=")
    }
    processors = {tuple(function["Architectures"]) for function in aws.of_type("AWS::Lambda::Function").values()}

    assert (processors, platforms) == ({("arm64",)}, {f"aarch64-manylinux_2_{AMAZON_LINUX_2023_GLIBC}"})


def test_every_pin_has_a_wheel_that_lambda_can_load() -> None:
    """DuckDB has none for older systems, which only a deployment would tell."""
    glibc = [f"manylinux_2_{minor}_aarch64" for minor in range(17, AMAZON_LINUX_2023_GLIBC + 1)]
    platforms = [*glibc, "manylinux2014_aarch64"]
    loadable = {*cpython_tags((3, 13), platforms=platforms), *compatible_tags((3, 13), "cp313", platforms)}
    locked = {
        (package["name"], package["version"]): [wheel["url"].rsplit("/", 1)[1] for wheel in package.get("wheels", [])]
        for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    }

    for path in (ROOT / "layers").glob("*/requirements.txt"):
        for pin in path.read_text().split():
            name, version = pin.split("==")
            assert any(parse_wheel_filename(wheel)[3] & loadable for wheel in locked[name, version]), pin
