"""The keys of links: rotated by one call, both live, and looked for no oftener than needed."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from jobmill import aws
from jobmill.errors import DependencyError
from jobmill.links.keys import LinkKeys
from jobmill.links.tickets import Key
from tests.stack.conftest import LINK_KEYS
from tests.stack.linked import Clock, completed_with_report, link_to, links_by

pytestmark = pytest.mark.usefixtures("cloud")
FIRST, SECOND, THIRD = (f"key number {number}, long enough to sign with" for number in (1, 2, 3))
SIGNING = "a key of links, for tests " * 2


class Looks:
    """The secrets of the test, which notes each look, and can be away."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.is_away = False
        self.exceptions = aws.secrets().exceptions

    def __call__(self) -> Any:
        return self

    def get_secret_value(self, SecretId: str, VersionStage: str) -> Any:  # noqa: N803
        self.stages.append(VersionStage)
        if self.is_away:
            raise EndpointConnectionError(endpoint_url="https://secrets.example.com")
        return aws.secrets().get_secret_value(SecretId=SecretId, VersionStage=VersionStage)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def looks(cloud: None) -> Looks:
    return Looks()


@pytest.fixture
def keys(looks: Looks, clock: Clock) -> LinkKeys:
    return LinkKeys(looks, LINK_KEYS, clock)


def rotate(secret: str) -> Key:
    boto3.client("secretsmanager").put_secret_value(SecretId=LINK_KEYS, SecretString=secret)
    return Key(secret.encode())


def test_a_new_secret_has_one_key(keys: LinkKeys) -> None:
    assert keys.current() == Key(SIGNING.encode())
    assert keys.find(keys.current().id) == keys.current()
    assert keys.find(b"none") is None


def test_after_a_rotation_the_new_key_signs_and_the_one_before_is_believed(keys: LinkKeys, clock: Clock) -> None:
    first = keys.current()
    second = rotate(SECOND)
    assert keys.current() == first, "this process has not looked yet"
    clock.pass_by(timedelta(seconds=3))
    assert keys.find(second.id) == second, "another process signs with it already"
    assert keys.current() == second
    assert keys.find(first.id) == first
    third = rotate(THIRD)
    clock.pass_by(timedelta(minutes=5))
    assert keys.current() == third
    assert keys.find(second.id) == second
    assert keys.find(first.id) is None


def test_keys_are_looked_for_once_in_five_minutes(keys: LinkKeys, looks: Looks, clock: Clock) -> None:
    for _ in range(50):
        keys.find(keys.current().id)
    clock.pass_by(timedelta(minutes=5) - timedelta(milliseconds=1))
    keys.current()
    assert looks.stages == ["AWSCURRENT", "AWSPREVIOUS"]
    clock.pass_by(timedelta(milliseconds=1))
    keys.current()
    assert looks.stages == ["AWSCURRENT", "AWSPREVIOUS"] * 2


def test_made_up_keys_cost_a_look_in_two_seconds_and_no_more(keys: LinkKeys, looks: Looks, clock: Clock) -> None:
    for _ in range(4):
        for number in range(100):
            keys.find(number.to_bytes(4))
        clock.pass_by(timedelta(seconds=2))
    assert len(looks.stages) == 2 * 4


def test_while_the_secret_is_away_known_keys_are_believed_on(keys: LinkKeys, looks: Looks, clock: Clock) -> None:
    known = keys.current()
    looks.is_away = True
    clock.pass_by(timedelta(hours=1))
    assert keys.current() == known
    assert keys.find(b"none") is None
    looks.is_away = False
    second = rotate(SECOND)
    clock.pass_by(timedelta(minutes=5))
    assert keys.current() == second


def test_without_any_key_links_are_unavailable_and_not_forged(looks: Looks, keys: LinkKeys) -> None:
    looks.is_away = True
    for ask in (keys.current, lambda: keys.find(b"none")):
        with pytest.raises(DependencyError) as refused:
            ask()
        assert refused.value.code == "links-unavailable"
        assert isinstance(refused.value.__cause__, EndpointConnectionError)
    looks.is_away = False
    assert keys.current() == Key(SIGNING.encode())


def test_a_secret_that_is_not_there_makes_links_unavailable(clock: Clock) -> None:
    with pytest.raises(DependencyError) as refused:
        LinkKeys(aws.secrets, "no-such-secret", clock).current()
    assert isinstance(refused.value.__cause__, ClientError)


@pytest.mark.parametrize("weak", ["", " ", "secret", "x" * 31])
def test_a_key_too_short_to_sign_with_signs_nothing(weak: str, clock: Clock) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId=LINK_KEYS, SecretString=weak or " ")
    with pytest.raises(DependencyError):
        LinkKeys(aws.secrets, LINK_KEYS, clock).current()
    second = rotate(SECOND)
    keys = LinkKeys(aws.secrets, LINK_KEYS, clock)
    assert keys.current() == second
    assert keys.find(Key((weak or " ").encode()).id) is None


def test_old_links_hold_through_one_rotation_and_are_foreign_after_two(clock: Clock) -> None:
    job, links = completed_with_report(), links_by(clock)
    _, first = link_to(job, links)
    rotate(SECOND)
    clock.pass_by(timedelta(minutes=5))
    _, second = link_to(job, links)
    assert [links.open(ticket, count=True).downloads for ticket in (first, second)] == [0, 0]
    rotate(THIRD)
    clock.pass_by(timedelta(minutes=5))
    assert links.open(second, count=True).subject.job_id == job.id
    with pytest.raises(Exception, match="so long ago") as refused:
        links.open(first, count=True)
    assert refused.value.code == "link-foreign"
