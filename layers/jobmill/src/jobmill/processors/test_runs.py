"""TestRun: the steps of a scenario, each judged, become a verdict and a workbook."""

import time
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobmill.errors import CallerError
from jobmill.hosts import AllowedHosts
from jobmill.json_values import Json, dump_json
from jobmill.processing.context import Context
from jobmill.processing.registry import Result, job_type
from jobmill.processors.test_run_steps import DatasetStep, HttpStep, ScenarioParams, ValidationStep
from jobmill.processors.validations import schema_of
from jobmill.projects.dataset_files import Manifest
from jobmill.scenarios.answers import AnswerExpectation, Finding, ValueExpectation, findings
from jobmill.scenarios.comparisons import holds, shown
from jobmill.settings import settings
from jobmill.tables.filters import Filter

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HOSTS_PARAMETER = "HttpTestHosts"
REQUEST_SECONDS = 30
ANSWER_BYTES = 1 << 20
MAX_RULES_NAMED = 5
MAX_TEXT_CHARACTERS = 500


@dataclass(frozen=True)
class StepResult:
    """How a step ended. A step that failed has a `code`: `not-as-expected`, or why it could not be judged."""

    name: str
    type: str
    status: str
    expected: str = ""
    actual: str | None = None
    message: str = ""
    code: str | None = None
    seconds: float | None = None


@dataclass
class Progress:
    """What a checkpoint saves: the results so far, and each dataset's newest version when it was first asked."""

    results: list[StepResult] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> Json:
        """The progress as a checkpoint has it."""
        return {"results": [asdict(result) for result in self.results], "versions": dict(self.versions)}

    @classmethod
    def from_json(cls, state: Any) -> "Progress":
        """The progress of a checkpoint; an empty one of none."""
        if state is None:
            return cls()
        return cls([StepResult(**result) for result in state["results"]], dict(state["versions"]))


def check_hosts(params: ScenarioParams, project_id: str, now: datetime) -> None:
    """Refuse a request to a host that is not listed: Unprocessable `host-not-allowed`."""
    for i, step in enumerate(params.scenario.steps):
        if isinstance(step, HttpStep):
            try:
                allowed_hosts().find(step.request.target)
            except CallerError as error:
                error.field = f"params.scenario.steps.{i}.request.url"
                raise


def allowed_hosts() -> AllowedHosts:
    """The hosts that this deployment lets requests go to."""
    return AllowedHosts.parse(HOSTS_PARAMETER, settings().http_test_hosts)


@job_type(
    "TestRun",
    params=ScenarioParams,
    check=check_hosts,
    description="Runs the steps of a scenario, on datasets and on other systems, and tells which were as expected.",
)
def run_scenario(context: Context[ScenarioParams]) -> Result:
    """Judge the scenario's steps one after the other, and list a workbook of the results.

    Gives `total`, `passed`, `failed`, `skipped`, and the `steps` with their results. A step that is not as expected, or
    that cannot be judged, has failed; the job is Completed all the same. Can go on in another process after each step;
    a request that was sent when its worker was lost is sent again.
    """
    from jobmill.reports.test_run_workbook import write_test_run

    scenario, progress = context.params.scenario, Progress.from_json(context.state)
    judge = Judge(context, progress.versions)
    for i, step in list(enumerate(scenario.steps))[len(progress.results) :]:
        context.progress(i, len(scenario.steps) + 1, f"Step {i + 1} of {len(scenario.steps)}: {step.title}")
        if scenario.on_failure == "stop" and any(result.status == "failed" for result in progress.results):
            progress.results.append(StepResult(step.title, step.type, "skipped"))
            continue
        progress.results.append(judge.result(step))
        context.checkpoint(progress.to_json())
    counts = {name: sum(each.status == name for each in progress.results) for name in ("passed", "failed", "skipped")}
    target = context.workspace / "test-run.xlsx"
    rows = [tuple(asdict(result).values()) for result in progress.results]
    write_test_run(target, scenario.name, counts, rows)
    context.report(target, target.name, "test-runs")
    return {"total": len(progress.results), **counts, "steps": [_listed(result) for result in progress.results]}


class Judge:
    """Judges the steps of one attempt; a dataset without a version is asked in one version throughout the run."""

    def __init__(self, context: Context[ScenarioParams], versions: dict[str, int]) -> None:
        self._context = context
        self._versions = versions
        self._fetched: tuple[tuple[str, int], Manifest, list[Path]] | None = None
        self._connection: DuckDBPyConnection | None = None

    def result(self, step: DatasetStep | ValidationStep | HttpStep) -> StepResult:
        """How the step ends. Raises only what ends the attempt, or has it repeated."""
        begun = time.monotonic()
        try:
            found = self._findings(step)
        except CallerError as error:
            given: dict[str, Any] = {"status": "failed", "message": error.message, "code": error.code}
        else:
            messages = " ".join(each.message for each in found if each.message)
            given = {
                "status": "failed" if messages else "passed",
                "expected": "; ".join(each.expected for each in found),
                "actual": "; ".join(each.actual for each in found),
                "message": messages,
                "code": "not-as-expected" if messages else None,
            }
        texts = {name: text and _cut(text) for name, text in given.items()}
        return StepResult(step.title, step.type, seconds=round(time.monotonic() - begun, 3), **texts)

    def _findings(self, step: DatasetStep | ValidationStep | HttpStep) -> list[Finding]:
        match step:
            case DatasetStep():
                return [self._measure(step)]
            case ValidationStep():
                return [self._validate(step)]
            case HttpStep():
                return self._answer(step)

    def _measure(self, step: DatasetStep) -> Finding:
        from jobmill.datasets.measures import measured, wanted_value
        from jobmill.datasets.query import select

        _, parts = self._dataset(step.dataset, step.version)
        columns = [step.column] if step.column else None
        where = [Filter(each.column, each.op, each.value) for each in step.where]
        query = select(self._engine(), parts, columns, where, ())
        wanted = wanted_value(step.expect.value, query, step.measure)
        actual = measured(query, step.measure)
        expected = f"{step.expect.op} {shown(wanted)}"
        is_met = holds(step.expect.op, actual, wanted)
        message = "" if is_met else f"{step.measure} is {shown(actual)}, which is not {expected}."
        return Finding(expected, shown(actual), message)

    def _validate(self, step: ValidationStep) -> Finding:
        from jobmill.schemas.validation import Validation

        manifest, parts = self._dataset(step.dataset, step.version)
        validation = Validation(self._engine(), parts, schema_of(step, manifest), step.checks)
        broken = [each for each in validation.count() if each.errors]
        if not broken:
            return Finding("valid", "valid")
        errors = f"errors: {sum(each.errors for each in broken):,}"
        most = sorted(broken, key=lambda each: -each.errors)[:MAX_RULES_NAMED]
        rules = ", ".join(
            f"{each.name or ' '.join(filter(None, (each.field, each.rule)))} ({each.errors:,})" for each in most
        )
        return Finding("valid", errors, f"The dataset is not valid: {rules}{' …' if len(broken) > len(most) else ''}.")

    def _answer(self, step: HttpStep) -> list[Finding]:
        from jobmill.fetching import Fetch, Limits, Question, allowed_addresses, whole

        request, headers = step.request, dict(step.request.headers)
        body = None
        if "body" in request.model_fields_set:
            body = dump_json(request.body).encode()
            if "content-type" not in (name.lower() for name in headers):
                headers["Content-Type"] = "application/json"
        question = Question(request.method, request.target, headers, body)
        fetch = Fetch(question, allowed_addresses(allowed_hosts()), Limits(REQUEST_SECONDS, ANSWER_BYTES), whole)
        self._context.on_stop(fetch.stop)
        answer = fetch.run()
        values = [ValueExpectation(each.pointer, each.op, each.value) for each in step.expect.values]
        expected = AnswerExpectation(step.expect.status, step.expect.header, values)
        return findings(expected, answer.status, answer.headers, answer.content)

    def _dataset(self, name: str, version: int | None) -> tuple[Manifest, list[Path]]:
        """A version's manifest and files, in a folder of their own: those of the version asked before go."""
        asked = version or self._versions.get(name)
        if self._fetched is None or self._fetched[0] != (name, asked):
            for path in self._fetched[2] if self._fetched else ():
                path.unlink()
            self._fetched = None
            found, manifest, parts = self._context.dataset(name, asked)
            folder = self._context.workspace / f"{name}-{found.version}"
            folder.mkdir(exist_ok=True)
            self._fetched = (name, found.version), manifest, [part.rename(folder / part.name) for part in parts]
            if version is None:
                self._versions[name] = found.version
        return self._fetched[1:]

    def _engine(self) -> "DuckDBPyConnection":
        from jobmill.tables.engine import connect

        if self._connection is None:
            self._connection = connect(self._context.workspace)
            self._context.on_stop(self._connection.interrupt)
        return self._connection


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT_CHARACTERS else f"{text[: MAX_TEXT_CHARACTERS - 1]}…"


def _listed(result: StepResult) -> Json:
    return {name: value for name, value in asdict(result).items() if value is not None}
