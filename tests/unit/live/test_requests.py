"""What clients may send."""

import json

import pytest

from jobmill.errors import CallerError
from jobmill.live.requests import MAX_BYTES, Action, Request, read_request


@pytest.mark.requirement("A16")
@pytest.mark.parametrize("action", ["subscribe-job", "unsubscribe-job"])
def test_requests_about_jobs(action: str) -> None:
    request = read_request(json.dumps({"action": action, "jobId": "1"}))
    assert request == Request(Action(action), "1")
    assert request.subject == {"jobId": "1"}


@pytest.mark.parametrize("action", ["subscribe-project", "unsubscribe-project"])
def test_requests_about_projects(action: str) -> None:
    assert read_request(json.dumps({"action": action, "projectId": "demo"})).subject == {"projectId": "demo"}


def test_a_ping_is_about_nothing() -> None:
    assert read_request('{"action": "ping", "more": 1}').subject == {}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "invalid-json"),
        ("{", "invalid-json"),
        ("[" * 900, "invalid-json"),
        ('"ping"', "unknown-action"),
        ("[]", "unknown-action"),
        ("null", "unknown-action"),
        ("{}", "unknown-action"),
        ('{"action": "drop"}', "unknown-action"),
        ('{"action": ["ping"]}', "unknown-action"),
        ('{"action": {"a": 1}}', "unknown-action"),
        ('{"action": null}', "unknown-action"),
        ('{"action": "subscribe-job"}', "invalid-id"),
        ('{"action": "subscribe-job", "jobId": ""}', "invalid-id"),
        ('{"action": "subscribe-job", "jobId": 7}', "invalid-id"),
        ('{"action": "subscribe-job", "projectId": "demo"}', "invalid-id"),
        ('{"action": "subscribe-project", "jobId": "demo"}', "invalid-id"),
        (json.dumps({"action": "subscribe-job", "jobId": "x" * 65}), "invalid-id"),
        ("x" * (MAX_BYTES + 1), "message-too-large"),
        ("ü" * (MAX_BYTES // 2 + 1), "message-too-large"),
    ],
)
def test_what_is_wrong_is_said(body: str, code: str) -> None:
    with pytest.raises(CallerError) as raised:
        read_request(body)
    assert raised.value.code == code
