"""The examples of docs/api.md are taken by the job types that they are examples of."""

import json
import re
from pathlib import Path

import pytest

from jobmill.processors.analyses import AnalysisParams
from jobmill.processors.exports import ExportParams
from jobmill.processors.imports.params import ImportParams
from jobmill.processors.test_run_steps import ScenarioParams
from jobmill.processors.test_runs import StepResult
from jobmill.processors.validations import ValidationParams

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", (DOCS / "api.md").read_text(), re.DOTALL)]
TYPES = {
    "Import": ImportParams,
    "Validation": ValidationParams,
    "Export": ExportParams,
    "TestRun": ScenarioParams,
    "Analysis": AnalysisParams,
}
ORDERS = [example for example in EXAMPLES if "type" in example]
RESULTS = [example for example in EXAMPLES if "type" not in example]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order["type"])
def test_a_job_of_the_page_is_taken(order: dict[str, object]) -> None:
    assert TYPES[str(order["type"])].model_validate(order["params"])


def test_each_type_has_an_example_and_a_result() -> None:
    assert [order["type"] for order in ORDERS] == list(TYPES)
    assert len(RESULTS) == len(TYPES)


def test_the_steps_of_the_page_have_the_form_of_steps() -> None:
    (result,) = [each for each in RESULTS if "steps" in each]
    assert [StepResult(**step).status for step in result["steps"]] == ["passed", "failed", "skipped"]


@pytest.mark.parametrize(
    "page",
    [
        "api.md",
        "analysis-api.md",
        "dashboard.md",
        "imports.md",
        "validation.md",
        "analysis.md",
        "links.md",
        "seeds.md",
        "configuration.md",
        "../README.md",
        "../CHANGELOG.md",
        "architecture.md",
        "tasks.md",
        "own-task.md",
        "own-job-type.md",
        "outgoing.md",
        "proof.md",
        "decisions/0015-scheduled-tasks.md",
        "events.md",
        "polling.md",
        "../web/README.md",
    ],
)
def test_links_lead_somewhere(page: str) -> None:
    here = (DOCS / page).parent
    for link in re.findall(r"\]\(((?!https?:)[^)#]*)(?:#[^)]*)?\)", (DOCS / page).read_text()):
        assert not link or (here / link).exists(), link
