"""One guarded HTTP request: to an address that was checked, in a bounded time, with a bounded answer.

The name is looked up once. Every address that it has must be public (or the host's entry in a list must name the
address), and the connection goes to the checked address itself, so that a second, different answer of the name's
server finds nobody who asks. The host's name still stands in the `Host` header, in TLS's server name, and is what the
certificate is checked against. Redirects are answers like any other: whoever follows one asks for it here again.
Nothing comes from the environment: no proxy, no netrc, no cookies.
"""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from jobmill.addresses import Address, is_public
from jobmill.errors import CallerError, Unprocessable
from jobmill.hosts import AllowedHosts, Target

MAX_ADDRESSES: Final = 4
CONNECT_SECONDS: Final = 10
_BLOCK_BYTES: Final = 1 << 16
_OWN_HEADERS: Final = {"User-Agent": "Jobmill", "Accept": "*/*", "Accept-Encoding": "identity"}

type Lookup = Callable[[Target], Sequence[Address]]
"""Gives the addresses at which a target may be asked; raises CallerError if there are none."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request. `headers` may replace our own, all but the `Host`."""

    method: str
    target: Target
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long all of it may take, from the lookup to the last byte, and how much content may come, unpacked."""

    seconds: float
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Head:
    """What comes before an answer's content, whatever its status. Headers are found in upper and lower case."""

    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer(Head):
    """A whole answer."""

    content: bytes


type Read[T] = Callable[[Head, Iterator[bytes]], T]
"""Makes of an answer what is wanted of it: from its head, and its content in blocks, unpacked, as far as it asks for
them. It is called in the request's own thread, which may outlive the request."""


def whole(head: Head, blocks: Iterator[bytes]) -> Answer:
    """The answer with all its content in memory."""
    return Answer(head.status, head.headers, b"".join(blocks))


def public_addresses(target: Target) -> list[Address]:
    """The target's addresses, looked up now, all of them public.

    Raises CallerError `host-not-found`; Unprocessable `address-not-allowed` if only one of them is not public.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CallerError("host-not-found", f'There is no host "{target.host}".', field="url") from error
    # A zone stays in the text, and makes the address one that is not public.
    addresses = list(dict.fromkeys(ip_address(str(sockaddr[0])) for *_, sockaddr in found))
    if not all(is_public(address) for address in addresses):
        raise Unprocessable(
            "address-not-allowed", f'"{target.host}" leads to an address that is not public.', field="url"
        )
    return addresses


def allowed_addresses(hosts: AllowedHosts) -> Lookup:
    """The lookup that knows only the listed hosts. Raises as `AllowedHosts.find` and `public_addresses`."""

    def look_up(target: Target) -> Sequence[Address]:
        given = [entry.address for entry in hosts.find(target) if entry.address is not None]
        return given or public_addresses(target)

    return look_up


class Fetch[T]:
    """One request, made by `run` in a thread beside the caller's, so that its time ends whatever the peer does."""

    def __init__(self, question: Question, look_up: Lookup, limits: Limits, read: Read[T]) -> None:
        self._question = question
        self._look_up = look_up
        self._limits = limits
        self._read = read
        self._answer: Future[T] = Future()
        self._sockets: list[socket.socket] = []
        self._is_stopped = threading.Event()

    def run(self) -> T:
        """What `read` made of the answer. Call it once.

        Raises what the lookup and `read` raise, and CallerError `no-connection`, `tls-failed`, `timed-out`,
        `answer-too-large`, `broken-answer` or `request-stopped`.
        """
        threading.Thread(target=self._work, name="fetch", daemon=True).start()
        try:
            return self._answer.result(self._limits.seconds)
        except TimeoutError as error:
            seconds = f"{self._limits.seconds:.3g}"
            raise CallerError("timed-out", f"{self._place} gave no whole answer within {seconds} seconds.") from error
        except CancelledError as error:
            raise CallerError("request-stopped", f"The request to {self._place} was stopped.") from error
        finally:
            self.stop()

    def stop(self) -> None:
        """End it now, from any thread; what is under way is cut off. Safe to repeat."""
        self._is_stopped.set()
        self._answer.cancel()
        for sock in list(self._sockets):
            with suppress(OSError):
                # Not SSLSocket's own, which takes TLS off while another thread reads.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    @property
    def _place(self) -> str:
        return self._question.target.authority

    def _work(self) -> None:
        try:
            answer = self._exchange()
        except Exception as error:  # handed to the caller's thread
            with suppress(InvalidStateError):
                self._answer.set_exception(error)
        else:
            with suppress(InvalidStateError):
                self._answer.set_result(answer)

    def _exchange(self) -> T:
        addresses = self._look_up(self._question.target)[:MAX_ADDRESSES]
        prepared = _prepared(self._question)
        for address in addresses:
            if self._is_stopped.is_set():
                break
            adapter = _PinnedAdapter(self._question.target, address, self._hold)
            timeout = (min(CONNECT_SECONDS, self._limits.seconds), self._limits.seconds)
            try:
                with adapter.send(prepared, stream=True, timeout=timeout) as response:
                    return self._read(Head(response.status_code, response.headers), self._blocks(response))
            except (requests.RequestException, HTTPError) as error:
                if not _is_nobody_there(error):
                    raise self._error(error) from error
            finally:
                adapter.close()
        raise CallerError("no-connection", f"{self._place} takes no connection.")

    def _hold(self, sock: socket.socket) -> None:
        """Keep a connected socket, to cut it off. Raises ConnectionAbortedError when that time has come."""
        self._sockets.append(sock)
        if self._is_stopped.is_set():
            raise ConnectionAbortedError

    def _blocks(self, response: requests.Response) -> Iterator[bytes]:
        size_bytes = 0
        for block in response.iter_content(_BLOCK_BYTES):
            size_bytes += len(block)
            if size_bytes > self._limits.max_bytes:
                limit = f"{self._limits.max_bytes:,}"
                raise CallerError("answer-too-large", f"{self._place} answers with more than {limit} bytes.")
            yield block

    def _error(self, error: Exception) -> CallerError:
        if isinstance(error, requests.exceptions.SSLError):
            return CallerError(
                "tls-failed",
                f"{self._place} offers no safe connection: its certificate is of another host, out of date or not"
                " signed by a known authority, or it speaks no TLS.",
            )
        if isinstance(error, requests.Timeout):
            return CallerError("timed-out", f"{self._place} gave no answer in time.")
        return CallerError("broken-answer", f"{self._place} broke off, or what it answers is not HTTP.")


class _PinnedAdapter(HTTPAdapter):
    """Connects to one address, whatever URL a request has; the certificate must be the target's."""

    def __init__(self, target: Target, address: Address, hold: Callable[[socket.socket], None]) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self._target = target
        self._address = address
        self._hold = hold

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        pool: dict[str, Any] = dict(super().build_connection_pool_key_attributes(request, verify, cert)[1])
        if self._target.scheme == "https":
            pool["server_hostname"] = self._target.host
        return {"scheme": self._target.scheme, "host": str(self._address), "port": self._target.port}, pool

    def get_connection_with_tls_context(self, *arguments: Any, **named: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*arguments, **named)
        pool.ConnectionCls = _held(pool.ConnectionCls, self._hold)
        return pool


def _held(kind: Any, hold: Callable[[socket.socket], None]) -> Any:
    """The class of connections that hand over their sockets."""

    class Held(kind):  # type: ignore[misc]
        def connect(self) -> None:
            super().connect()
            hold(self.sock)

    return Held


def _prepared(question: Question) -> requests.PreparedRequest:
    headers = CaseInsensitiveDict(_OWN_HEADERS)
    headers.update(question.headers)
    headers["Host"] = question.target.authority
    return requests.Request(question.method, question.target.url, headers=headers, data=question.body).prepare()


def _is_nobody_there(error: Exception) -> bool:
    """Whether no connection came about, so that nothing was sent."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
