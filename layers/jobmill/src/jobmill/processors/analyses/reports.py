"""What an analysis tells: the job's result, the whole of it as JSON, and the workbook."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from jobmill.analysis.check_list import CHECKS, SEVERITIES
from jobmill.analysis.mapping import Mapping
from jobmill.analysis.results import FLAGS, Analysis, PageResult, Tick, keyword_json
from jobmill.json_values import Json, dump_json
from jobmill.processing.registry import Result
from jobmill.reports.analysis_workbook import AnalysisReport, Cells, write_analysis
from jobmill.reports.sheets import Value

MAX_INLINE_ROWS: Final = 500
"""Pages, and keywords, that stand in the job's result."""
MAX_INLINE_BYTES: Final = 1_000_000
"""Of JSON, for the pages and for the keywords each."""
_TOLD_ROWS: Final = 256
_FLAG_LABELS: Final = {
    "gap": "Gaps (no page)",
    "cannibalisation": "Several pages compete",
    "mapped": "Mapped to a page",
}


def result_of(analysis: Analysis, source: str, excel_file: str, results_file: str) -> Result:
    """The job's result, with the first pages and keywords."""
    pages, are_all_pages = _first(page.to_json() for page in analysis.page_results())
    keywords, are_all_keywords = _first(keyword_json(mapping) for mapping in analysis.keyword_results())
    return {
        "dataSource": source,
        "excelFile": excel_file,
        "resultsFile": results_file,
        "summary": analysis.summary(),
        "onpageResults": pages,
        "keywordMapping": keywords,
        "truncated": not (are_all_pages and are_all_keywords),
    }


def write_json(target: Path, analysis: Analysis, result: Result, tick: Tick) -> None:
    """Write the result with all pages and keywords, row by row."""
    whole: Result = {name: value for name, value in result.items() if name not in ("onpageResults", "keywordMapping")}
    head = dump_json(whole | {"truncated": False})
    counted = _counted(analysis, "Writing the results", tick)
    with target.open("w", encoding="ascii") as file:
        file.write(head[:-1] + ',"onpageResults":[')
        file.writelines(_separated(page.to_json() for page in counted(analysis.page_results())))
        file.write('],"keywordMapping":[')
        file.writelines(_separated(keyword_json(mapping) for mapping in counted(analysis.keyword_results())))
        file.write("]}")


def write_workbook(target: Path, analysis: Analysis, source: str, tick: Tick) -> None:
    """Write the workbook."""
    counted = _counted(analysis, "Writing the workbook", tick)
    summary: Any = analysis.summary()
    good = analysis.wanted == "all"
    write_analysis(
        target,
        AnalysisReport(
            source=source,
            about=list(_about(analysis, summary)),
            checks=_check_rows(analysis),
            flags=[(_FLAG_LABELS[flag], sum(each.flag == flag for each in analysis.mappings)) for flag in FLAGS],
            findings=lambda: _finding_rows(counted(analysis.page_results())),
            finding_rows=summary["findings"] + (len(analysis.pages) - analysis.with_findings if good else 0),
            keywords=lambda: map(_keyword_row, counted(analysis.keyword_results())),
            keyword_rows=sum(1 for _ in analysis.keyword_results()),
        ),
    )


def _first(rows: Iterable[dict[str, Json]]) -> tuple[list[Json], bool]:
    """The first rows, and whether they are all."""
    kept: list[Json] = []
    size = 0
    for row in rows:
        size += len(dump_json(row))
        if len(kept) == MAX_INLINE_ROWS or size > MAX_INLINE_BYTES:
            return kept, False
        kept.append(row)
    return kept, True


def _separated(rows: Iterable[dict[str, Json]]) -> Iterator[str]:
    comma = "\n"
    for row in rows:
        yield comma + dump_json(row)
        comma = ",\n"


def _counted[T](analysis: Analysis, step: str, tick: Tick) -> "Callable[[Iterable[T]], Iterator[T]]":
    """What passes rows on and tells how many there were."""
    total = len(analysis.pages) + len(analysis.mappings)
    done = 0

    def counted(rows: Iterable[T]) -> Iterator[T]:
        nonlocal done
        for row in rows:
            done += 1
            if done % _TOLD_ROWS == 0:
                tick(step, done, total)
            yield row

    return counted


def _about(analysis: Analysis, summary: dict[str, Any]) -> Iterator[tuple[str, Value]]:
    yield "Rows listed", "with a recommendation" if analysis.wanted == "recommended" else "all"
    yield "Pages", summary["pages"]
    yield "Pages that can be found", summary["indexablePages"]
    yield "Pages with findings", summary["pagesWithFindings"]
    for severity in SEVERITIES:
        yield f"{severity.capitalize()}s", summary["bySeverity"][severity]
    for name, number in summary["duplicates"].items():
        yield f"Pages that share their {name.replace('h1', 'H1')}", number
    yield "Keywords", summary["keywords"]
    if summary["averageScore"] is not None:
        yield "Average score of mapped keywords", summary["averageScore"]
    if summary["language"]:
        yield "Language", summary["language"].capitalize()
    if summary["notChecked"]:
        yield "Not checked: no column", ", ".join(summary["notChecked"])


def _check_rows(analysis: Analysis) -> list[tuple[str, int | None, int | None, int | None]]:
    """Each check that found something, the gravest first, then the commonest, with its pages by its severity."""
    found = sorted(
        (CHECKS[code] for code in analysis.by_check),
        key=lambda check: (SEVERITIES.index(check.severity), -analysis.by_check[check.code]),
    )
    rows = []
    for check in found:
        error, warning, notice = (
            analysis.by_check[check.code] if severity == check.severity else None for severity in SEVERITIES
        )
        rows.append((check.label, error, warning, notice))
    return rows


def _finding_rows(results: Iterable[PageResult]) -> Iterator[Cells]:
    for result in results:
        page = result.page
        for finding in result.findings:
            label = CHECKS[finding.check].label
            advice = finding.recommendation
            yield finding.severity, label, page.url, finding.measured, finding.limit, advice, page.sheet, page.row
        if not result.findings:
            yield "ok", "", page.url, "", "", "", page.sheet, page.row


def _keyword_row(mapping: Mapping) -> Sequence[str | float | None]:
    keyword = mapping.keyword
    return (
        mapping.flag,
        keyword.text,
        keyword.volume,
        mapping.url,
        mapping.score,
        mapping.position,
        mapping.recommendation,
        ", ".join(mapping.others),
        ", ".join(mapping.terms),
        keyword.sheet,
        keyword.row,
    )
