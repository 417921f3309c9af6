"""The jobs of a chaos run: which they are by their number and the seed, and what each must come to."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from jobmill_client import Client, Job

PROJECTS = ("demo", "other", "third")
BASE = "base"
BASE_ROWS = 400
LARGE_ROWS = 70_000
LONG_TEXT = "x" * 490
"""Makes a large file longer than the chunk that an import reads in one step, so that it takes slices."""
FILES = 6
"""Small files of a project, each imported many times."""
IMPORTS_PER_DATASET = 60
"""Fewer than the versions that a project can keep: the checker reads every one."""
VERSIONS_KEPT = 100
KINDS = {"import": 60, "export": 30, "bad-file": 4, "bad-column": 4, "large": 2}
"""The kinds of jobs by their weights."""


@dataclass(frozen=True)
class Wanted:
    """A job to submit, and what it must come to: rows of a file, a report's digest, or an error's code."""

    kind: str
    project_id: str
    type: str
    params: dict[str, Any]
    rows: Sequence[tuple[int, str]] | None = None
    report_sha256: str | None = None
    error_code: str | None = None


@dataclass
class Project:
    """One project's uploads, by what they hold, and the digests of its exports."""

    id: str
    files: list[tuple[str, Sequence[tuple[int, str]]]] = field(default_factory=list)
    large: tuple[str, Sequence[tuple[int, str]]] = ("", ())
    bad_file: str = ""
    exports: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    prepared: list[str] = field(default_factory=list)
    """The ids of the jobs that made the base and the digests."""


def rows_of(number: int, count: int, more: str = "") -> list[tuple[int, str]]:
    """The rows of a file: each differs from every other one of all files."""
    return [(number * 1_000_000 + row, f"file {number} row {row}{more}") for row in range(count)]


def write_csv(path: Path, rows: Sequence[tuple[int, str]]) -> Path:
    """A CSV file of these rows."""
    path.write_text("number,text\n" + "".join(f"{number},{text}\n" for number, text in rows))
    return path


def prepare(client: Client, project_id: str, number: int, folder: Path) -> Project:
    """Upload a project's files, import its base, and export it once in each way: while nothing goes wrong yet."""
    project = Project(project_id)
    first = 1 + number * 100

    def upload(name: str, rows: Sequence[tuple[int, str]]) -> str:
        return client.upload(write_csv(folder / f"{project_id}-{name}.csv", rows), project_id=project_id)

    client.put_project(project_id, project_id, {"datasetVersionsKept": VERSIONS_KEPT})
    for each in range(first, first + FILES):
        rows = rows_of(each, 5 + 7 * (each % 9))
        project.files.append((upload(str(each), rows), rows))
    large = rows_of(first + FILES, LARGE_ROWS, LONG_TEXT)
    project.large = (upload("large", large), large)
    project.bad_file = upload("bad", [])
    base = {"uploadId": upload(BASE, rows_of(first + FILES + 1, BASE_ROWS)), "dataset": BASE}
    _done(client, "Import", base, project)
    for rest in range(3):
        where = [{"column": "text", "op": "contains", "value": f"{rest}"}]
        params = {"dataset": BASE, "format": "csv", "where": where}
        (report,) = _done(client, "Export", params, project).reports
        project.exports.append((params, report.sha256))
    return project


def _done(client: Client, type: str, params: dict[str, Any], project: Project) -> Job:
    job = client.submit(type, params, project_id=project.id)
    project.prepared.append(job.id)
    return client.wait(job.id, timeout=120).raise_unless_completed()


@dataclass(frozen=True)
class Work:
    """All jobs of a run."""

    projects: Sequence[Project]
    jobs: int
    seed: int

    @cached_property
    def _datasets(self) -> int:
        return 1 + self.jobs // (IMPORTS_PER_DATASET * len(self.projects))

    def wanted(self, number: int) -> Wanted:
        """The job of this number; the same for the same seed."""
        chance = random.Random(f"{self.seed}-{number}")
        project = chance.choice(self.projects)
        (kind,) = chance.choices(list(KINDS), weights=list(KINDS.values()))
        return _MADE[kind](kind, project, f"data-{chance.randrange(self._datasets)}", chance)


def _import(kind: str, project: Project, dataset: str, chance: random.Random) -> Wanted:
    upload_id, rows = project.large if kind == "large" else chance.choice(project.files)
    return Wanted(kind, project.id, "Import", {"uploadId": upload_id, "dataset": dataset}, rows=rows)


def _bad_file(kind: str, project: Project, dataset: str, _: random.Random) -> Wanted:
    params = {"uploadId": project.bad_file, "dataset": dataset}
    return Wanted(kind, project.id, "Import", params, error_code="header-only")


def _export(kind: str, project: Project, _: str, chance: random.Random) -> Wanted:
    params, digest = chance.choice(project.exports)
    return Wanted(kind, project.id, "Export", params, report_sha256=digest)


def _bad_column(kind: str, project: Project, _: str, __: random.Random) -> Wanted:
    params = {"dataset": BASE, "format": "csv", "columns": ["no such column"]}
    return Wanted(kind, project.id, "Export", params, error_code="unknown-column")


_MADE: dict[str, Callable[[str, Project, str, random.Random], Wanted]] = {
    "import": _import,
    "large": _import,
    "bad-file": _bad_file,
    "export": _export,
    "bad-column": _bad_column,
}


def digest(rows: Sequence[tuple[int, str]]) -> str:
    """A digest of rows in their order."""
    return sha256("\n".join(f"{number},{text}" for number, text in rows).encode()).hexdigest()
