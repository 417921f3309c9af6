"""A proxy between the functions and the local AWS: it counts and logs their calls, and lets some of them go wrong.

It is a process of its own, with one port for each function, so that it knows who calls. Requests pass byte for byte,
the Host header included, which their signatures cover.
"""

import asyncio
import contextlib
import json
import multiprocessing
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from jobmill_local.calls import Call, call_of
from jobmill_local.faults import NO_FAULTS, Dice, Fault, Plan
from jobmill_local.http_relay import Head, Hop, Message, read_message
from jobmill_local.server import HOST, Server
from jobmill_local.stack import Stack

READY_SECONDS = 10
_CLOSING = (Fault.DROPPED, Fault.OUTAGE)
_SETTINGS = ("AWS_ENDPOINT_URL", "S3_ENDPOINT")


class FaultProxy:
    """A running proxy: a port for each function, a log of their calls (JSON lines), a plan of faults."""

    def __init__(self, server: Server, functions: Iterable[str], log: Path, seed: int) -> None:
        self.log = log
        context = multiprocessing.get_context("spawn")
        self._control, theirs = context.Pipe()
        arguments = (server.port, tuple(functions), log, seed, theirs)
        self._process = context.Process(target=_serve, args=arguments, name="fault-proxy", daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        if not self._control.poll(READY_SECONDS):
            self._process.kill()
            raise TimeoutError("the fault proxy did not start")
        self.ports: dict[str, int] = self._control.recv()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._control.send(None)
        self._process.join(READY_SECONDS)
        self._process.kill()

    def follow(self, plan: Plan) -> None:
        """Let calls go wrong by this plan from now on; the log is written out up to here."""
        self._control.send(plan)
        self._control.recv()

    def put_between(self, stack: Stack) -> None:
        """Make the stack's functions call AWS through their ports; the template and its deployment stay as they are."""
        functions = stack.aws("lambda")
        for name, port in self.ports.items():
            known = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
            ours = dict.fromkeys(_SETTINGS, f"http://{HOST}:{port}")
            # The local AWS keeps numbers of the template as numbers, which the API itself does not take.
            variables = {key: str(value) for key, value in (known | ours).items()}
            functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def function_names(outputs: Mapping[str, str]) -> dict[str, str]:
    """The deployed functions by their names in the template, from the stack's outputs."""
    mark = "FunctionName"
    return {name.removesuffix(mark): value for name, value in outputs.items() if name.endswith(mark)}


@dataclass
class _Proxy:
    """The proxy's own side: what the process of `FaultProxy` holds."""

    upstream: int
    plan: Plan
    dice: Dice
    write: Callable[[str], object]

    async def serve(self, function: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection's requests on, until either side closes it or a fault does."""
        client, upstream = Hop(reader, writer), Hop.none()
        try:
            while (request := await read_message(client)) is not None:
                upstream = await self._pass(function, request, client, upstream)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            client.close()
            upstream.close()

    async def _pass(self, function: str, request: Message, client: Hop, upstream: Hop) -> Hop:
        """Pass one request on; gives the connection that it went over. Raises ConnectionAbortedError for a fault."""
        started_at = time.time()
        method, target = request.head.start.split(" ")[:2]
        call = call_of(method, target, request.head.headers, request.body)
        fault = self.dice.choose(self.plan, function, call)
        if fault is Fault.DELAYED:
            await asyncio.sleep(self.dice.delay_seconds())
        status, size = 0, 0
        if fault is Fault.THROTTLED:
            status, body = self.dice.throttle(call)
            await client.send(Head.made(status, len(body)), body)
        elif fault not in _CLOSING:
            upstream, answer = await self._ask(upstream, request, method)
            status, size = answer.head.status, len(answer.body)
            if fault is not Fault.UNANSWERED:
                await client.send(answer.head.raw, answer.body)
        self._log(started_at, function, call, fault, status, len(request.body), size)
        if fault in (*_CLOSING, Fault.UNANSWERED):
            raise ConnectionAbortedError
        return upstream

    async def _ask(self, upstream: Hop, request: Message, method: str) -> tuple[Hop, Message]:
        """The answer of the local AWS; a connection that it has closed meanwhile is opened anew."""
        for is_fresh in (upstream.is_open, False):
            if not is_fresh:
                upstream.close()
                upstream = Hop(*await asyncio.open_connection(HOST, self.upstream, limit=Hop.LIMIT))
            try:
                await upstream.send(request.head.raw, request.body)
                answer = await read_message(upstream, to=method)
            except ConnectionError:
                answer = None
            if answer is not None:
                return upstream, answer
        raise ConnectionAbortedError

    def _log(
        self, at: float, function: str, call: Call, fault: Fault | None, status: int, sent: int, received: int
    ) -> None:
        entry: dict[str, Any] = {
            "at": round(at * 1000),
            "seconds": round(time.time() - at, 4),
            "function": function,
            "service": call.service,
            "operation": call.operation,
            "status": status,
            "sent": sent,
            "received": received,
            **call.facts,
        }
        if fault is not None:
            entry["fault"] = fault
        self.write(json.dumps(entry) + "\n")


def _serve(upstream: int, functions: tuple[str, ...], log: Path, seed: int, control: Connection) -> None:
    """The process's whole life."""
    with log.open("w", buffering=1 << 16) as lines:
        proxy = _Proxy(upstream, NO_FAULTS, Dice(seed), lines.write)
        asyncio.run(_run(proxy, functions, lines.flush, control))


async def _run(proxy: _Proxy, functions: tuple[str, ...], flush: Callable[[], object], control: Connection) -> None:
    servers = {name: await _listen(proxy, name) for name in functions}
    control.send({name: server.sockets[0].getsockname()[1] for name, server in servers.items()})
    told = asyncio.Event()
    asyncio.get_running_loop().add_reader(control.fileno(), told.set)
    while True:
        await told.wait()
        told.clear()
        try:
            plan = control.recv() if control.poll() else proxy.plan
        except EOFError:  # our owner has died
            return
        if plan is None:
            return
        if plan is not proxy.plan:
            proxy.plan = plan
            flush()
            control.send(None)


async def _listen(proxy: _Proxy, function: str) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await proxy.serve(function, reader, writer)

    return await asyncio.start_server(serve, HOST, 0, limit=Hop.LIMIT)
