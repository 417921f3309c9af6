"""What the repository holds, and what it is built with."""

import ast
import json
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("layers", "functions", "client", "local", "tests")


def tracked() -> list[Path]:
    """The files in git."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(line) for line in listed.stdout.splitlines()]


@cache
def imported() -> set[str]:
    """The top-level packages that our Python files import."""
    trees = (
        ast.parse((ROOT / path).read_text())
        for path in tracked()
        if path.suffix == ".py" and path.parts[0] in SOURCES and (ROOT / path).exists()
    )
    nodes = [node for tree in trees for node in ast.walk(tree)]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    from_ = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in plain | from_}


@pytest.mark.requirement("C1")
@pytest.mark.parametrize(
    "library", ["aws_lambda_powertools", "boto3", "pynamodb", "openpyxl", "requests", "pytest", "moto"]
)
def test_each_library_of_the_card_is_used(library: str) -> None:
    assert library in imported()


@pytest.mark.requirement("C1")
def test_sam_builds_and_deploys() -> None:
    deploy = (ROOT / "local" / "jobmill_local" / "deploy.py").read_text()
    assert '"build"' in deploy
    assert '"deploy"' in deploy


@pytest.mark.requirement("C2")
def test_the_top_level_is_the_card_s_and_little_beside_it() -> None:
    top = {path.parts[0] for path in tracked()}
    card = {"template.yaml", "functions", "layers", "events", "tests", "samconfig.toml", "README.md"}
    beside = {
        ".ci", ".gitignore", ".python-version", "bench", "CHANGELOG.md", "Makefile", "client", "docs", "local",
        "pyproject.toml", "statemachines", "uv.lock", "web",
    }  # fmt: skip
    assert card <= top
    assert top <= card | beside


def test_the_web_package_is_locked_for_every_machine_and_names_no_registry() -> None:
    web = ROOT / "web"
    packages = json.loads((web / "package-lock.json").read_text())["packages"]
    assert not [package["resolved"] for package in packages.values() if "://" in package.get("resolved", "")]
    assert "//" not in (web / ".npmrc").read_text()
    # npm leaves out what it could not ask for, and `npm ci` then fails on every machine.
    wanted = {name for package in packages.values() for name in package.get("optionalDependencies", {})}
    assert wanted <= {path.rpartition("node_modules/")[2] for path in packages}
    development = json.loads((web / "package.json").read_text())["devDependencies"]
    assert [version for version in development.values() if not version[0].isdigit()] == []
