"""Forms are read strictly: whole, with known fields, each once; all else is the sender's fault, in a sentence."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jobmill.errors import CallerError
from jobs_api.forms import Form, read_form
from jobs_api.problems import problem_of
from tests.forms import BOUNDARY, CONTENT_TYPE, CSV, Part, file_part, form, part

WHOLE = form(file_part(), part("filterOption", "all"))


def read(body: bytes, content_type: str = CONTENT_TYPE) -> Form:
    return read_form(body, content_type, file_field="file", text_fields=("filterOption", "projectId"))


def refusal(body: bytes, content_type: str = CONTENT_TYPE) -> tuple[int, str, str | None]:
    """Status, code and field of the problem that the form makes."""
    with pytest.raises(CallerError) as raised:
        read(body, content_type)
    problem = problem_of(raised.value)
    assert re.fullmatch(r"[^\n]+\.", problem.detail), problem.detail
    return problem.status, problem.code, problem.errors[0].field if problem.errors else None


@pytest.mark.requirement("A1")
def test_a_form_s_file_is_what_was_sent_byte_for_byte() -> None:
    content = bytes(range(256)) * 20 + b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n\r\n"
    found = read(form(file_part(content, "Städte 1.xlsx"), part("projectId", "demo"), part("filterOption", "all")))
    assert (found.file.content, found.file.filename, found.file.content_type) == (content, "Städte 1.xlsx", "text/csv")
    assert found.texts == {"projectId": "demo", "filterOption": "all"}


@pytest.mark.parametrize("ending", [b"", b"\r\n"])
def test_a_form_ends_with_or_without_a_line_break(ending: bytes) -> None:
    assert read(WHOLE.removesuffix(b"\r\n") + ending).file.content == CSV


def test_an_empty_file_is_a_file() -> None:
    assert read(form(file_part(b""))).file.content == b""


@pytest.mark.parametrize("boundary", ["x", "a b", "0aZ'()+_,-./:=?", "-" * 70])
def test_every_boundary_of_the_standard_is_taken(boundary: str) -> None:
    body = form(file_part(), boundary=boundary)
    assert read(body, f'multipart/form-data; boundary="{boundary}"').file.content == CSV


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\crawl.csv", "crawl.csv"),
        ("/crawl.csv", "crawl.csv"),
        (" crawl\t.csv ", "crawl.csv"),
        ("a%0D%0AX-Evil: 1.csv", "aX-Evil: 1.csv"),
        ("\u202ecrawl.csv", "crawl.csv"),
        ("a%22b.csv", 'a"b.csv'),
    ],
)
def test_a_file_s_name_is_no_path_and_has_no_control_characters(sent: str, taken: str) -> None:
    assert read(form(file_part(filename=sent))).file.filename == taken


CASES = {
    "no body": b"",
    "no form at all": b"url,status\n",
    "another boundary": form(file_part(), boundary="other"),
    "cut in the file": WHOLE[:150],
    "cut before its end": WHOLE.removesuffix(b"--\r\n"),
    "cut in a header": WHOLE[:60],
    "more after its end": WHOLE + b"more",
    "a second form after its end": WHOLE + WHOLE,
    "something before it": b"hello\r\n" + WHOLE,
    "bare line feeds": WHOLE.replace(b"\r\n", b"\n"),
    "a header without a colon": form(Part(("Content-Disposition",), CSV)),
    "a header in Latin-1": WHOLE.replace(b"test.csv", b"caf\xe9.csv"),
    "a header of 5 KB": form(file_part(CSV, "test.csv", "X: " + "x" * 5000)),
    "ten headers": form(file_part(CSV, "test.csv", *(f"X-{number}: x" for number in range(10)))),
    "a header twice": form(file_part(CSV, "test.csv", 'Content-Disposition: form-data; name="filterOption"')),
    "a header over two lines": form(file_part(CSV, "test.csv", "Content-Type: text/csv;\r\n charset=utf-8")),
    "no name": form(Part(("Content-Disposition: form-data",), CSV)),
    "an attachment": form(Part(('Content-Disposition: attachment; name="file"; filename="a"',), CSV)),
    "no disposition": form(Part(("Content-Type: text/csv",), CSV)),
    "a false length": form(file_part(CSV, "test.csv", "Content-Length: 3")),
    "four parts": form(part("filterOption", "all"), part("projectId", "demo"), file_part(), part("more", "")),
}


@pytest.mark.parametrize("case", CASES)
def test_a_form_that_is_not_whole_is_refused(case: str) -> None:
    assert refusal(CASES[case]) == (400, "invalid-form", "body")


@pytest.mark.parametrize(
    "boundary", ["", "x" * 71, "a\tb", "ends in a blank ", "ä", "a;b", "a@b", "x" * 2000], ids=lambda text: text[:20]
)
def test_a_boundary_that_is_none_is_refused_also_if_the_parts_have_it(boundary: str) -> None:
    body = WHOLE.replace(BOUNDARY.encode(), boundary.encode())
    assert refusal(body, f'multipart/form-data; boundary="{boundary}"') == (400, "invalid-form", "body")


@pytest.mark.parametrize("option", ["", "; boundary", "; boundary=", "; charset=utf-8", "; boundary = "])
def test_a_content_type_without_a_boundary_is_refused(option: str) -> None:
    assert refusal(WHOLE, f"multipart/form-data{option}") == (400, "invalid-form", "body")


@pytest.mark.parametrize("content_type", ["", "text/csv", "multipart/mixed; boundary=x", "application/json"])
def test_another_content_type_is_415(content_type: str) -> None:
    assert refusal(WHOLE, content_type) == (415, "unsupported-content-type", None)


FIELDS = {
    "no file": (form(part("filterOption", "all")), "file"),
    "nothing": (form(), "file"),
    "a second file": (form(file_part(), file_part()), "file"),
    "an option twice": (form(part("filterOption", "all"), part("filterOption", "all"), file_part()), "filterOption"),
    "an unknown field": (form(file_part(), part("filter", "all")), "filter"),
    "an unknown file": (form(part("file2", CSV, filename="a.csv")), "file2"),
    "a field without a name": (form(part("", "x")), "body"),
    "a file as text": (form(part("file", CSV)), "file"),
    "a file name that old clients escape": (
        form(Part(("Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''a.csv",), CSV)),
        "file",
    ),
    "an empty file name": (form(file_part(filename="")), "file"),
    "a file name of dots": (form(file_part(filename="../..")), "file"),
    "a file name of blanks": (form(file_part(filename="a/ ")), "file"),
    "a long file name": (form(file_part(filename="x" * 256)), "file"),
    "an option as a file": (form(part("filterOption", "all", filename="a.txt"), file_part()), "filterOption"),
    "a long text": (form(file_part(), part("projectId", "x" * 1001)), "projectId"),
    "a text in Latin-1": (form(file_part(), part("projectId", b"caf\xe9")), "projectId"),
    "a text in UTF-16": (
        form(file_part(), part("filterOption", "all".encode("utf-16-le"), "Content-Type: text/plain; charset=utf-16")),
        "filterOption",
    ),
    "a file in base64": (form(file_part(CSV, "a.csv", "Content-Transfer-Encoding: base64")), "file"),
}


@pytest.mark.parametrize("case", FIELDS)
def test_a_field_that_is_not_as_it_should_be_is_named(case: str) -> None:
    body, field = FIELDS[case]
    assert refusal(body) == (400, "invalid-request", field)


@settings(max_examples=600, deadline=None)
@given(st.binary(max_size=200), st.integers(0, len(WHOLE)), st.integers(0, 40))
@example(b"\r", 40, 1)
@example(b"\r\n--" + BOUNDARY.encode(), 150, 0)
def test_whatever_stands_in_a_form_it_is_read_or_refused(noise: bytes, at: int, instead_of: int) -> None:
    body = WHOLE[:at] + noise + WHOLE[at + instead_of :]
    try:
        found = read(body)
    except CallerError as error:
        problem = problem_of(error)
        assert 400 <= problem.status < 500
        assert len(problem.detail) < 1000
    else:
        assert found.file.filename


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
@example("=" * 50)
@example('"' * 79)
def test_whatever_a_content_type_says_it_is_read_or_refused(option: str) -> None:
    for content_type in (option, f"multipart/form-data; {option}", f"multipart/form-data; boundary={option}"):
        with pytest.raises(CallerError):
            read(WHOLE, content_type)
