"""One page over real HTTP: what is sent, what an answer may be, where a token never goes."""

from base64 import b64encode
from decimal import Decimal

import pytest

from jobmill.errors import CallerError
from jobmill.hosts import AllowedHosts, parse_url
from jobmill.ocpi.transport import HOSTS_PARAMETER, peer_addresses
from tests.peers import Serve, answer
from tests.unit.ocpi.asking import OK, asking, envelope, raised_by

# ---- What is sent


@pytest.mark.parametrize(("encodes", "sent"), [(True, b64encode(b"tok-en").decode()), (False, "tok-en")])
def test_the_token_goes_in_base64_or_as_it_is(encodes: bool, sent: str) -> None:
    with asking(OK, encodes_token=encodes) as one:
        one.asker.ask(one.url)

    assert one.server.headers()["authorization"] == f"Token {sent}"


def test_each_request_has_an_id_of_its_own_and_all_of_an_asker_belong_together() -> None:
    with asking(OK) as one:
        ids = []
        for _ in range(2):
            one.asker.ask(one.url)
            ids.append((one.server.headers()["x-request-id"], one.server.headers()["x-correlation-id"]))

    assert ids[0][0] != ids[1][0]
    assert ids[0][1] == ids[1][1]


def test_parties_go_in_routing_headers_if_they_are_given() -> None:
    with asking(OK, to_party="NL*ABC", from_party="BE*XYZ") as one:
        one.asker.ask(one.url)
        routed = one.server.headers()
    with asking(OK) as one:
        one.asker.ask(one.url)

    assert (
        routed
        | {
            "ocpi-to-country-code": "NL",
            "ocpi-to-party-id": "ABC",
            "ocpi-from-country-code": "BE",
            "ocpi-from-party-id": "XYZ",
        }
        == routed
    )
    assert not [name for name in one.server.headers() if name.startswith("ocpi-")]


# ---- What an answer may be


def test_a_page_has_objects_with_exact_numbers_and_what_the_headers_say() -> None:
    served = answer(
        content=envelope([]).replace(b"[]", b'[{"cost": 0.10}]'),
        Link='</cdrs?offset=2>; rel="next", </cdrs>; rel="first"',
        X_Total_Count="7",
        X_Limit="2",
    )
    with asking(served) as one:
        page = one.asker.ask(one.url)

    assert page.objects == [{"cost": Decimal("0.10")}]
    assert (page.next_url, page.total, page.limit) == (f"{one.server.url}/cdrs?offset=2", 7, 2)


@pytest.mark.parametrize(
    "link",
    [
        '<{}/a%2Fb?x=%7E,1;2&y=>; rel="next"',
        "<{}/a%2Fb?x=%7E,1;2&y=>;title=x; REL=Next",
        '</1>; rel="prev", <{}/a%2Fb?x=%7E,1;2&y=>; rel="last next", </2>; rel=next',
    ],
)
def test_a_link_is_followed_as_it_is_written(link: str) -> None:
    with asking(OK) as one:
        url = one.server.url
        one.server.serve = answer(content=envelope([]), Link=link.format(url))
        assert one.asker.ask(one.url).next_url == f"{url}/a%2Fb?x=%7E,1;2&y="


@pytest.mark.parametrize("total", ["", "many", "-1", "1.5", "٣"])
def test_a_count_that_is_no_number_is_none(total: str) -> None:
    encoded = total.encode().decode("latin-1")
    with asking(answer(content=envelope([]), X_Total_Count=encoded, X_Limit=encoded)) as one:
        page = one.asker.ask(one.url)

    assert (page.total, page.limit, page.next_url) == (None, None, None)


@pytest.mark.parametrize(
    "served",
    [
        answer(content=b"[]"),
        answer(content=envelope("none")),
        answer(content=envelope({})),
        answer(content=b'{"data": []}'),
        answer(content=envelope([], "1000")),
        answer(content=envelope([], 200)),
        answer(404),
        answer(400, envelope([], 2001)),
        answer(302, Location="/elsewhere"),
        answer(content=envelope([]), Link='<https://user:pw@[>; rel="next"'),
        answer(content=envelope([]), Link='<a\\b>; rel="next"'),
    ],
)
def test_a_broken_answer_is_an_error_at_once(served: Serve) -> None:
    with asking(served) as one:
        error = raised_by(lambda: one.asker.ask(one.url))

    assert (type(error), error.code, one.server.connections) == (CallerError, "peer-answer-broken", 1)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_an_error_at_once(status: int) -> None:
    with asking(answer(status)) as one:
        error = raised_by(lambda: one.asker.ask(one.url))

    assert (type(error), error.code, one.server.connections) == (CallerError, "peer-refused-token", 1)


def test_what_a_peer_refuses_is_an_error_with_what_it_says() -> None:
    with asking(answer(content=envelope([], 2001, status_message="Bad\ndate"))) as one:
        error = raised_by(lambda: one.asker.ask(one.url))

    assert (error.code, error.details) == ("peer-refused", "Bad date")


# ---- Where a token never goes


@pytest.mark.parametrize(
    "link",
    ["https://127.0.0.1:{port}/cdrs", "http://127.0.0.1:1/cdrs", "//evil.example/cdrs", "http://localhost:{port}/cdrs",
     "http://127.0.0.1.evil.example:{port}/"],
)  # fmt: skip
@pytest.mark.requirement("T15")
def test_a_link_to_another_origin_is_not_followed(link: str) -> None:
    with asking(OK) as one:
        one.server.serve = answer(content=envelope([]), Link=f'<{link.format(port=one.server.port)}>; rel="next"')
        error = raised_by(lambda: one.asker.ask(one.url))

    assert (type(error), error.code) == (CallerError, "peer-link-elsewhere")


def test_over_http_only_listed_hosts_are_asked() -> None:
    none = peer_addresses(AllowedHosts.parse(HOSTS_PARAMETER, []))
    listed = peer_addresses(AllowedHosts.parse(HOSTS_PARAMETER, ["peer.internal=10.0.0.5", "10.0.0.6:8080"]))

    assert raised_by(lambda: none(parse_url("http://8.8.8.8/"))).code == "host-not-allowed"
    assert raised_by(lambda: none(parse_url("https://10.0.0.5/"))).code == "address-not-allowed"
    assert [str(each) for each in none(parse_url("https://8.8.8.8/"))] == ["8.8.8.8"]
    assert [str(each) for each in listed(parse_url("http://peer.internal/"))] == ["10.0.0.5"]
    assert [str(each) for each in listed(parse_url("http://10.0.0.6:8080/"))] == ["10.0.0.6"]
    assert raised_by(lambda: listed(parse_url("http://10.0.0.6/"))).code == "host-not-allowed"
