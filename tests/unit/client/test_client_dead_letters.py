"""Dead letters: the client's calls and the command."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jobmill_client import Client

from .api_server import JOB_ID, ApiServer, a_job, as_json
from .conftest import RunCommand
from .test_client_bulk import answer, done, refused

pytestmark = pytest.mark.requirement("J11")
LETTERS = "/api/jobs/projects/p/dead-letters"
REDRIVE = f"{LETTERS}/redrive"


def test_dead_letters_are_jobs_with_their_run_and_when_they_were_given_up(api: ApiServer, client: Client) -> None:
    api.will_answer("GET", LETTERS, as_json([a_job("Failed", run=2, deadAt="2026-07-31T09:00:00Z")]))
    (letter,) = client.dead_letters("p")
    assert (letter.id, letter.status, letter.run) == (JOB_ID, "Failed", 2)
    assert letter.dead_at == datetime(2026, 7, 31, 9, tzinfo=UTC)


def test_a_redrive_of_all_goes_on_until_no_more_are_queued_and_tells_each_once(api: ApiServer, client: Client) -> None:
    first = [refused("r"), *(done(f"a{number}", "queued") for number in range(199))]
    second = [refused("r"), *(done(f"b{number}", "queued") for number in range(198))]
    api.will_answer("POST", REDRIVE, answer(*first), answer(*second))
    outcomes = client.redrive("p")
    assert [one.json for one in api.seen("POST", REDRIVE)] == [{}, {}]
    assert len(outcomes) == 1 + 199 + 198


def test_a_redrive_of_all_ends_when_every_one_is_refused(api: ApiServer, client: Client) -> None:
    api.will_answer("POST", REDRIVE, answer(*(refused(f"r{number}") for number in range(200))))
    assert len(client.redrive("p")) == 200
    assert len(api.requests) == 1


def test_a_redrive_of_named_ones_sends_their_ids_and_of_none_nothing(api: ApiServer, client: Client) -> None:
    api.will_answer("POST", REDRIVE, answer(done("1", "queued")))
    assert [one.outcome for one in client.redrive("p", ["1"])] == ["queued"]
    assert client.redrive("p", []) == ()
    assert [one.json for one in api.seen("POST", REDRIVE)] == [{"ids": ["1"]}]


def test_list_is_a_table(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("GET", LETTERS, as_json([a_job("Failed", run=2, deadAt="2026-07-31T09:00:00Z")]))
    header, row = jobmill("dead-letters", "list", "--project", "p").stdout.splitlines()
    assert header.split() == ["ID", "TYPE", "RUN", "GIVEN", "UP", "BY"]
    assert [row.split()[number] for number in (0, 1, 2, -1)] == [JOB_ID, "Import", "2", "Dana"]


def test_redrive_counts_and_names_the_refused(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("POST", REDRIVE, answer(done("1", "queued"), refused("2")))
    result = jobmill("dead-letters", "redrive", "--project", "p", "1", "2")
    assert (result.exit_code, result.stdout.split()[:2]) == (1, ["queued", "1"])
    assert "refused 2" in result.stdout
    assert api.seen("POST", REDRIVE)[0].json == {"ids": ["1", "2"]}
