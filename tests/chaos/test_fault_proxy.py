"""The fault proxy: calls pass unchanged and are logged, and each fault does what its name says."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from jobmill_local.calls import call_of
from jobmill_local.fault_proxy import FaultProxy
from jobmill_local.faults import NO_FAULTS, Dice, Fault, Plan
from jobmill_local.server import Server

ALWAYS = 1.0
GET_ITEM = {"X-Amz-Target": "DynamoDB_20120810.GetItem", "Content-Type": "application/x-amz-json-1.0"}
BODY = {"TableName": "t", "Key": {"pk": {"S": "job#1"}, "sk": {"S": "job"}}, "ConsistentRead": True}


@dataclass
class Upstream:
    """A server that answers everything, and remembers it."""

    port: int = 0
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Host header, path, body."""
    lines_before: int = 0
    """Of the proxy's log, before this test."""


@pytest.fixture(scope="module")
def shared_upstream() -> Iterator[Upstream]:
    there = Upstream()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            there.seen.append((self.headers["Host"], self.path, body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(b"{}")

        do_GET = do_POST = do_PUT = do_HEAD = answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        there.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield there
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def shared_proxy(shared_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultProxy]:
    log = tmp_path_factory.mktemp("proxy") / "calls.jsonl"
    with FaultProxy(Server(0, shared_upstream.port), ["worker"], log, seed=1) as proxy:
        yield proxy


@pytest.fixture
def proxy(shared_proxy: FaultProxy, shared_upstream: Upstream) -> FaultProxy:
    """A proxy that lets nothing go wrong yet."""
    shared_proxy.follow(NO_FAULTS)
    shared_upstream.lines_before = len(shared_proxy.log.read_text().splitlines())
    return shared_proxy


@pytest.fixture
def upstream(shared_upstream: Upstream) -> Upstream:
    shared_upstream.seen.clear()
    return shared_upstream


def ask(proxy: FaultProxy) -> requests.Response:
    return requests.post(f"http://127.0.0.1:{proxy.ports['worker']}/", json=BODY, headers=GET_ITEM, timeout=10)


def logged(proxy: FaultProxy, upstream: Upstream) -> list[dict[str, object]]:
    proxy.follow(NO_FAULTS)
    return [json.loads(line) for line in proxy.log.read_text().splitlines()][upstream.lines_before :]


def test_a_call_passes_unchanged_and_is_logged(proxy: FaultProxy, upstream: Upstream) -> None:
    assert ask(proxy).json() == {}
    ((host, path, body),) = upstream.seen
    assert (host, path, json.loads(body)) == (f"127.0.0.1:{proxy.ports['worker']}", "/", BODY)
    (entry,) = logged(proxy, upstream)
    assert entry.items() >= {
        "function": "worker", "service": "dynamodb", "operation": "GetItem", "status": 200, "keys": ["job#1|job"],
        "consistent": True,
    }.items()  # fmt: skip
    assert "fault" not in entry


def test_many_calls_share_a_connection_with_answers_that_have_no_body(proxy: FaultProxy, upstream: Upstream) -> None:
    url = f"http://127.0.0.1:{proxy.ports['worker']}/bucket/key"
    with requests.Session() as session:
        for _ in range(3):
            assert session.head(url, timeout=10).status_code == 200
            assert session.put(url, data=b"x" * 100_000, timeout=10).text == "{}"
    assert [len(body) for _, _, body in upstream.seen] == [0, 100_000] * 3
    assert [entry["operation"] for entry in logged(proxy, upstream)] == ["HeadObject", "PutObject"] * 3


@pytest.mark.parametrize(("fault", "arrives"), [(Fault.DROPPED, False), (Fault.UNANSWERED, True)])
def test_a_closed_connection_hides_whether_the_call_was_done(
    proxy: FaultProxy, upstream: Upstream, fault: Fault, arrives: bool
) -> None:
    proxy.follow(Plan({fault: ALWAYS}))
    with pytest.raises(requests.ConnectionError):
        ask(proxy)
    assert bool(upstream.seen) == arrives
    assert [entry["fault"] for entry in logged(proxy, upstream)] == [fault]


def test_a_throttled_call_is_answered_as_the_service_would(proxy: FaultProxy, upstream: Upstream) -> None:
    proxy.follow(Plan({Fault.THROTTLED: ALWAYS}))
    answer = ask(proxy)
    assert (answer.status_code, upstream.seen) == (400, [])
    assert answer.json()["__type"].startswith("com.amazonaws.dynamodb.v20120810#")


def test_a_delayed_call_is_done(proxy: FaultProxy, upstream: Upstream) -> None:
    proxy.follow(Plan({Fault.DELAYED: ALWAYS}))
    assert ask(proxy).status_code == 200
    (entry,) = logged(proxy, upstream)
    assert (len(upstream.seen), entry["fault"]) == (1, "delayed")


def test_an_outage_is_of_its_services_alone_and_ends(proxy: FaultProxy) -> None:
    proxy.follow(Plan(away=frozenset({"s3"})))
    assert ask(proxy).status_code == 200
    url = f"http://127.0.0.1:{proxy.ports['worker']}/bucket/key"
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)
    proxy.follow(NO_FAULTS)
    assert requests.get(url, timeout=10).status_code == 200


def test_the_same_seed_gives_the_same_faults() -> None:
    plan = Plan({Fault.DROPPED: 0.2, Fault.THROTTLED: 0.2}, burst=0.5)
    call = call_of("POST", "/", {"x-amz-target": "AmazonSQS.SendMessage"}, b"{}")

    def chosen(seed: int) -> list[Fault | None]:
        dice = Dice(seed)
        return [dice.choose(plan, "worker", call) for _ in range(200)]

    assert chosen(1) == chosen(1) != chosen(2)
    assert {Fault.DROPPED, Fault.THROTTLED, None} == set(chosen(1))


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    [
        ("PUT", "/b/k", "PutObject"),
        ("POST", "/b/k?uploads", "CreateMultipartUpload"),
        ("PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart"),
        ("POST", "/b/k?uploadId=u", "CompleteMultipartUpload"),
        ("DELETE", "/b/k?uploadId=u", "AbortMultipartUpload"),
        ("DELETE", "/b/k", "DeleteObject"),
        ("GET", "/b?list-type=2", "ListObjectsV2"),
    ],
)
def test_calls_of_s3_are_known_by_method_and_query(method: str, target: str, operation: str) -> None:
    assert call_of(method, target, {}, b"").operation == operation


def test_a_token_is_never_logged() -> None:
    headers = {"x-amz-target": "AWSStepFunctions.SendTaskSuccess"}
    call = call_of("POST", "/", headers, json.dumps({"taskToken": "secret", "output": "{}"}).encode())
    assert "secret" not in str(call)
    assert call.facts["token"]


def test_a_look_at_a_secret_is_named_without_its_content() -> None:
    headers = {"x-amz-target": "secretsmanager.GetSecretValue"}
    call = call_of("POST", "/", headers, json.dumps({"SecretId": "keys", "VersionStage": "AWSCURRENT"}).encode())
    assert (call.service, call.operation, call.facts) == ("secretsmanager", "GetSecretValue", {"stage": "AWSCURRENT"})
    put = {"x-amz-target": "secretsmanager.PutSecretValue"}
    assert call_of("POST", "/", put, json.dumps({"SecretString": "secret"}).encode()).facts == {}
