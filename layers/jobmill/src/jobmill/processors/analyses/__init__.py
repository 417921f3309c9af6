"""Analysis: a crawl, a keyword list, or both in one workbook, judged and mapped; a workbook and a JSON file tell."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from jobmill.jobs.ids import analysis_id
from jobmill.names import safe_name
from jobmill.processing.context import Context
from jobmill.processing.registry import Params, Result, job_type
from jobmill.projects.uploads import get_upload

_MAX_STEM: Final = 60


class AnalysisParams(Params):
    """`uploadId` of a finished upload in the project: a crawl's export, a keyword list, or a workbook with both.

    With `filterOption` `recommended` only pages and keywords with a recommendation are told of.
    """

    upload_id: Annotated[
        str, Field(description="The uploaded file: a crawl's export, a keyword list, or a workbook with both")
    ]
    filter_option: Annotated[
        Literal["all", "recommended"],
        Field(description="all: every page and keyword. recommended: only those with a recommendation"),
    ] = "all"


def check_upload(params: AnalysisParams, project_id: str, now: datetime) -> None:
    """Refuse an upload that the project does not have. Raises Unprocessable `upload-not-found`."""
    get_upload(params.upload_id, project_id, now)


@job_type(
    "Analysis",
    params=AnalysisParams,
    check=check_upload,
    description="Judges the pages of a website's crawl, and finds the best page for each keyword of a list.",
)
def analyze_file(context: Context[AnalysisParams]) -> Result:
    """Judge the pages and find each keyword's page; list a workbook and a JSON file that tell of all of them.

    Gives `dataSource` (what was read), `excelFile` and `resultsFile` (the reports' names), `summary` (the counts),
    `onpageResults` and `keywordMapping` (the first of them, the worst first) and `truncated` (whether they are not
    all). Raises CallerError `no-known-columns`, `header-only`, those of `limits`, and as a file is read.
    """
    # They load data libraries, and the API imports this module for the parameters.
    from jobmill.analysis.results import Analysis
    from jobmill.processors.analyses.progress import Steps
    from jobmill.processors.analyses.reports import result_of, write_json, write_workbook
    from jobmill.processors.analyses.sheets import read_file

    steps = Steps(context.progress)
    name = context.input_name(context.params.upload_id)
    found = read_file(context.input_file(context.params.upload_id), name, steps.tell, context.on_stop)
    analysis = Analysis(found.pages, found.keywords, context.params.filter_option, steps.tell)
    stem = f"{safe_name(Path(name).stem)[:_MAX_STEM].rstrip('-.')}-{analysis_id(context.job.id)}"
    result = result_of(analysis, found.source, f"{stem}.xlsx", f"{stem}.json")
    workbook, whole = context.workspace / "analysis.xlsx", context.workspace / "analysis.json"
    write_workbook(workbook, analysis, found.source, steps.tell)
    write_json(whole, analysis, result, steps.tell)
    context.check_cancelled()
    context.report(workbook, f"{stem}.xlsx", "analyses")
    context.report(whole, f"{stem}.json", "analyses")
    return result
