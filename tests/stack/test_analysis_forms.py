"""Forms that are none, sent to the analysis route: each a problem of the caller's, and never a 500."""

import base64

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.forms import CONTENT_TYPE, file_part, form, part
from tests.stack.analyses import START, post, problem, start
from tests.stack.http import call

pytestmark = pytest.mark.usefixtures("cloud")


@pytest.mark.requirement("A1")
def test_a_form_over_4_mb_is_told_the_other_way() -> None:
    answer = post(form(file_part(b"x" * 4_000_000)))
    assert problem(answer) == (413, "body-too-large", "file")
    assert "POST /api/uploads" in answer.body["detail"]
    assert 'POST /api/jobs {"type": "Analysis"' in answer.body["detail"]
    assert start(file_part(b"x" * 3_999_000))


def test_damaged_bytes_and_no_bytes_are_refused() -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    whole = base64.b64encode(form(file_part(), boundary="x")).decode()
    for raw in ("a", "%%%%", "\ud800", f"{whole[:80]}%%{whole[80:]}"):
        answer = call("POST", START, raw_body=raw, base64_body=True, headers=headers)
        assert problem(answer) == (400, "invalid-form", "body")
    assert problem(call("POST", START, raw_body="\ud800", headers=headers)) == (400, "invalid-form", "body")
    assert problem(call("POST", START, headers=headers)) == (400, "invalid-form", "body")


def test_a_form_of_plain_text_is_taken_too() -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = call("POST", START, raw_body=form(file_part(), boundary="x").decode(), headers=headers)
    assert answer.status == 202


def test_another_content_type_is_told_the_right_one() -> None:
    for content_type in ("application/json", "application/x-www-form-urlencoded", "text/csv"):
        answer = post(b"{}", content_type=content_type)
        assert problem(answer) == (415, "unsupported-content-type", None)
        assert "multipart/form-data" in answer.body["detail"]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
@given(st.binary(max_size=120), st.integers(0, 250), st.integers(0, 30), st.booleans())
def test_whatever_is_sent_is_an_answer_and_never_a_500(noise: bytes, at: int, instead_of: int, encoded: bool) -> None:
    whole = form(file_part(), part("filterOption", "all"))
    body = whole[:at] + noise + whole[at + instead_of :]
    raw = base64.b64encode(body).decode() if encoded else body.decode(errors="replace")
    headers = {"Content-Type": CONTENT_TYPE}
    answer = call("POST", START, raw_body=raw, base64_body=encoded, headers=headers)
    assert 200 <= answer.status < 500, answer.text
    assert len(answer.text) < 2_000
