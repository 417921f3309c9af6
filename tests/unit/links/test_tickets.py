"""Tickets: what was signed is read again, and nothing else is, whichever byte of it is another."""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmill.errors import CallerError, Gone
from jobmill.links import tickets
from jobmill.links.subjects import ReportSubject
from jobmill.links.tickets import Key, Ticket, read_ticket, require_in_time, sign

KEY, OTHER = Key(b"a key of sixty-four bytes, as the template makes it " * 2), Key(b"another key of links " * 3)
JOB = LINK = "0198c0de-0000-7000-8000-000000000001"
EXPIRES_AT = datetime(2026, 11, 29, 10, 30, tzinfo=UTC)
TICKET = Ticket(LINK, EXPIRES_AT, f"report:{JOB}:1:1:orders.xlsx")
SIGNED = sign(TICKET, KEY)
REFUSALS = {"link-damaged", "link-foreign", "link-tampered"}


def keys(*known: Key) -> Callable[[bytes], Key | None]:
    return {key.id: key for key in known}.get


def read(text: str, *known: Key) -> Ticket:
    return read_ticket(text, keys(*(known or (KEY,))))


def refusal(text: str, *known: Key) -> str:
    with pytest.raises(CallerError) as refused:
        read(text, *known)
    assert refused.value.code in REFUSALS
    return refused.value.code


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def mended(content: bytes) -> str:
    """The ticket of these bytes with the checksum of their body, which anyone can make."""
    body, mac = content[:-36], content[-32:]
    return encoded(body + hashlib.sha256(body).digest()[:4] + mac)


def test_a_ticket_says_what_was_signed() -> None:
    assert read(SIGNED) == TICKET
    assert read(SIGNED, OTHER, KEY) == TICKET
    assert set(SIGNED) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=255),
    seconds=st.integers(0, 4_000_000_000),
    run=st.integers(1, 10**9),
)
def test_any_name_and_time_come_back_in_an_address_under_2_000_characters(name: str, seconds: int, run: int) -> None:
    subject = str(ReportSubject(JOB, run, run, name))
    ticket = Ticket(LINK, datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), subject)
    text = sign(ticket, KEY)
    assert read(text) == ticket
    assert len(text) < 1_700


def test_the_longest_name_fits_and_one_that_no_address_should_hold_is_refused() -> None:
    text = sign(Ticket(LINK, EXPIRES_AT, "x" * tickets.MAX_SUBJECT_BYTES), KEY)
    assert read(text).subject == "x" * tickets.MAX_SUBJECT_BYTES
    assert len(text) < 1_700
    with pytest.raises(CallerError) as refused:
        sign(Ticket(LINK, EXPIRES_AT, "x" * (tickets.MAX_SUBJECT_BYTES + 1)), KEY)
    assert refused.value.code == "link-name-too-long"


def test_each_byte_changed_to_each_other_value_is_refused() -> None:
    content = decoded(SIGNED)
    for place in range(len(content)):
        for change in range(1, 256):
            changed = bytearray(content)
            changed[place] ^= change
            in_mac = place >= len(content) - 32
            assert refusal(encoded(bytes(changed))) == ("link-tampered" if in_mac else "link-damaged")


def test_each_byte_changed_by_one_who_mends_the_checksum_is_refused() -> None:
    content = decoded(SIGNED)
    for place in range(len(content) - 36):
        for change in (1, 0x80, 0xFF):
            changed = bytearray(content)
            changed[place] ^= change
            assert refusal(mended(bytes(changed))) == ("link-foreign" if place < 4 else "link-tampered")


def test_each_character_changed_cut_or_added_is_refused() -> None:
    others = "AZaz09-_+/=. \n\0é\u0660\ud800"
    for place, letter in enumerate(SIGNED):
        for other in others:
            if other != letter:
                refusal(SIGNED[:place] + other + SIGNED[place + 1 :])
        refusal(SIGNED[:place] + SIGNED[place + 1 :])
        refusal(SIGNED[:place] + "A" + SIGNED[place:])
        refusal(SIGNED[:place])
    for other in ("=", "==", ".", ")", " ", "A", "\n", "%3D", SIGNED):
        assert refusal(SIGNED + other) == "link-damaged"
        assert refusal(other + SIGNED) == "link-damaged"


@pytest.mark.parametrize("name", ["a", "ab", "abc"])
def test_unused_bits_of_the_last_character_must_be_those_that_were_written(name: str) -> None:
    text = sign(Ticket(LINK, EXPIRES_AT, f"report:{JOB}:1:1:{name}"), KEY)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same_bytes = [text[:-1] + last for last in alphabet if decoded(text[:-1] + last) == decoded(text)]
    assert len(same_bytes) == {0: 1, 2: 16, 3: 4}[len(text) % 4]
    for other in set(same_bytes) - {text}:
        assert refusal(other) == "link-damaged"


def test_one_of_the_three_names_has_unused_bits() -> None:
    lengths = {len(sign(Ticket(LINK, EXPIRES_AT, f"report:{JOB}:1:1:{name}"), KEY)) % 4 for name in ("a", "ab", "abc")}
    assert lengths == {0, 2, 3}


@given(st.binary(max_size=300))
def test_bytes_of_anybody_are_refused(content: bytes) -> None:
    refusal(encoded(content))
    if len(content) >= 36:
        refusal(mended(content))


@given(st.text(max_size=300))
def test_texts_of_anybody_are_refused(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize("text", ["", "A", "=", "A" * 5_000, "A" * 100_000, "\ud800"])
def test_what_is_no_ticket_is_damaged(text: str) -> None:
    assert refusal(text) == "link-damaged"


def test_a_body_without_a_subject_is_no_ticket_even_if_it_is_signed() -> None:
    body = decoded(SIGNED)[:28]
    assert refusal(encoded(body + hashlib.sha256(body).digest()[:4] + KEY.mac(body))) == "link-damaged"


def test_a_key_that_is_not_ours_is_foreign() -> None:
    assert refusal(SIGNED, OTHER) == "link-foreign"
    assert refusal(sign(TICKET, OTHER)) == "link-foreign"


def test_the_right_key_s_id_with_another_key_s_signature_is_tampered() -> None:
    forged = KEY.id + decoded(sign(TICKET, OTHER))[4:]
    body = forged[:-36]
    assert refusal(encoded(body + hashlib.sha256(body).digest()[:4] + OTHER.mac(body))) == "link-tampered"


def test_a_key_tells_nothing_of_its_secret() -> None:
    assert "key of sixty-four" not in repr(KEY)
    assert len(KEY.id) == 4
    assert KEY.id not in KEY.secret
    assert KEY.id != OTHER.id


def test_a_link_ends_at_its_very_moment() -> None:
    require_in_time(EXPIRES_AT, EXPIRES_AT - timedelta(milliseconds=1))
    for late in (0, 1, 10**12):
        with pytest.raises(Gone) as refused:
            require_in_time(EXPIRES_AT, EXPIRES_AT + timedelta(milliseconds=late))
        assert refused.value.code == "link-expired"
