"""Membership, from the claims of a token."""

import pytest

from jobmill.callers import NotSignedIn, Role, caller_of, parse_groups, parse_roles
from jobmill.errors import Forbidden, NotFound

CLAIMS = {"sub": "id-1", "name": "Ann", "cognito:groups": "[demo:writer other:reader]"}


@pytest.mark.parametrize(
    ("claim", "groups"),
    [
        ("[demo:writer admin]", ("demo:writer", "admin")),
        ("[admin]", ("admin",)),
        ("[]", ()),
        ("demo:writer,admin", ("demo:writer,admin",)),
        ("[x,admin]", ("x,admin",)),
        ("demo:writer admin", ("demo:writer", "admin")),
        (["demo:writer", "admin"], ("demo:writer", "admin")),
        (None, ()),
        (7, ()),
    ],
)
def test_every_form_of_the_claim_gives_the_groups(claim: object, groups: tuple[str, ...]) -> None:
    assert parse_groups(claim) == groups


def test_a_writer_stays_one_whatever_the_order() -> None:
    assert parse_roles(("a:reader", "a:writer", "a:reader")) == {"a": Role.WRITER}


@pytest.mark.parametrize("group", ["a:owner", "a", ":writer", "a b:writer", "a/b:writer", "admin:", "writer"])
def test_other_groups_mean_nothing(group: str) -> None:
    assert parse_roles((group,)) == {}


def test_rights_follow_the_roles() -> None:
    caller = caller_of(CLAIMS, "cognito:groups")
    assert (caller.id, caller.name, caller.is_admin) == ("id-1", "Ann", False)
    caller.require_writer("demo")
    caller.require_reader("other")
    with pytest.raises(Forbidden):
        caller.require_writer("other")
    with pytest.raises(NotFound):
        caller.require_reader("third")
    with pytest.raises(Forbidden):
        caller.require_admin("demo")


def test_an_admin_may_everything_in_projects_that_can_be() -> None:
    caller = caller_of({"sub": "x", "groups": ["admin"]}, "groups")
    caller.require_admin("anything")
    with pytest.raises(NotFound):
        caller.require_admin("../x")


@pytest.mark.parametrize("claims", [None, {}, {"name": "no subject"}, {"sub": ""}, {"sub": None}])
def test_without_claims_there_is_no_caller(claims: dict[str, str] | None) -> None:
    with pytest.raises(NotSignedIn):
        caller_of(claims, "cognito:groups")


@pytest.mark.parametrize(
    ("claims", "name"), [({"email": "a@b.c"}, "a@b.c"), ({"cognito:username": "ann"}, "ann"), ({}, "id-1")]
)
def test_a_caller_is_called_by_the_best_name_there_is(claims: dict[str, str], name: str) -> None:
    assert caller_of({"sub": "id-1"} | claims, "cognito:groups").name == name
