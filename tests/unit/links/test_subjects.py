"""What a link leads to, as its ticket names it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmill.errors import NotFound
from jobmill.links.subjects import ReportSubject, TaskSubject, parse_subject

JOB = "0198c0de-0000-7000-8000-000000000001"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_report_s_subject_is_read_again_whatever_its_name(name: str, run: int, attempt: int) -> None:
    subject = ReportSubject(JOB, run, attempt, name)
    assert str(subject) == f"report:{JOB}:{run}:{attempt}:{name}"
    assert parse_subject(str(subject)) == subject


@pytest.mark.parametrize("name", ["a:b.csv", "a/b.csv", ":", "x:1:2", "../x", "\n", "\u202etxt.exe"])
def test_a_name_may_hold_what_parts_the_subject(name: str) -> None:
    parsed = parse_subject(f"report:{JOB}:1:2:{name}")
    assert (parsed.run, parsed.attempt, parsed.name) == (1, 2, name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "report",
        f"report:{JOB}",
        f"report:{JOB}:1:2",
        f"report:{JOB}:1:2:",
        f"report:{JOB}:1::x",
        f"report:{JOB}:-1:2:x",
        f"report:{JOB}:1:\u0662:x",
        "report:no-job:1:2:x",
        f"REPORT:{JOB}:1:2:x",
        f"reports:{JOB}:1:2:x",
        "task:collect_charge_cdrs",
        "task::7",
        "task:collect_charge_cdrs:",
        "task:collect_charge_cdrs:7:8",
        "dataset:places:7",
    ],
)
def test_any_other_kind_or_form_is_not_known(text: str) -> None:
    with pytest.raises(NotFound) as refused:
        parse_subject(text)
    assert refused.value.code == "link-unsupported"


def test_data_of_a_task_is_named_by_its_version() -> None:
    subject = parse_subject("task:collect_charge_cdrs:3HL4kqtJlcpXroDTDmJ.rm_Speu-")
    assert subject == TaskSubject("collect_charge_cdrs", "3HL4kqtJlcpXroDTDmJ.rm_Speu-")
    assert parse_subject(str(subject)) == subject
