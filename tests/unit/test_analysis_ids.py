"""The analysis API's spelling of a job's id is the same id, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmill.jobs.ids import analysis_id, from_analysis_id, is_job_id, uuid7
from jobmill.times import from_milliseconds

LATEST_MILLISECONDS = 253_402_300_799_999  # the last that a datetime can be


@given(moment=st.integers(0, LATEST_MILLISECONDS), randomness=st.binary(min_size=10, max_size=10))
def test_every_id_comes_back_from_its_spelling(moment: int, randomness: bytes) -> None:
    job_id = uuid7(from_milliseconds(moment), randomness)
    spelled = analysis_id(job_id)
    assert from_analysis_id(spelled) == job_id
    head, milliseconds, digits = spelled.split("_")
    assert (head, int(milliseconds), len(digits)) == ("job", moment, 16)


@given(
    moment=st.integers(0, (1 << 48) - 1),
    digits=st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=16, max_size=16),
)
def test_a_spelling_is_of_one_id_or_of_none(moment: int, digits: str) -> None:
    text = f"job_{moment}_{digits}"
    job_id = from_analysis_id(text)
    if job_id is not None:
        assert is_job_id(job_id)
        assert analysis_id(job_id) == text


@pytest.mark.parametrize(
    "text",
    [
        "job_1738268400000_a1b2c3d4e5f6g7h8",  # the seed's own example: more than 74 bits
        "job_1738268400000_abc123",
        "job_...",
        "job_01738268400000_0000000000000000",
        "job_281474976710656_0000000000000000",
        "job_1738268400000_0000000000000000\n",
        "job_1738268400000_000000000000000A",
        "Job_1738268400000_0000000000000000",
        "job_١738268400000_0000000000000000",
        "",
    ],
)
def test_what_spells_no_id_of_ours_is_none(text: str) -> None:
    assert from_analysis_id(text) is None
