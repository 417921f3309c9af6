"""Who hears the messages: a page in a browser, or a WebSocket client in this process. Times are seconds since 1970."""

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from playwright.sync_api import Page, sync_playwright
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from bench.live.own_stack import PROJECT
from jobmill_local.live_socket import SECONDS

SUBSCRIBE = json.dumps({"action": "subscribe-project", "projectId": PROJECT})
Heard = list[tuple[float, str]]
"""When each message came, and its text."""
# No sandbox, as root has none.
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_LISTEN = """([url, subscribe]) => new Promise((resolve, reject) => {
    window.heard = []
    const socket = new WebSocket(url)
    socket.onopen = () => socket.send(subscribe)
    socket.onerror = () => reject(new Error('the socket did not open'))
    socket.onmessage = event => {
        window.heard.push([(performance.timeOrigin + performance.now()) / 1000, event.data])
        resolve()
    }
})"""


class Receiver(Protocol):
    """Listens to the project, from when it was made."""

    def heard(self) -> Heard:
        """All that came up to now, its first one the answer to the subscription."""
        ...


class SocketReceiver:
    """A WebSocket client on a thread of this process."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._heard: Heard = []
        threading.Thread(target=self._listen, daemon=True).start()
        connection.send(SUBSCRIBE)

    def heard(self) -> Heard:
        """All that came up to now."""
        return [*self._heard]

    def _listen(self) -> None:
        try:
            for text in self._connection:
                self._heard.append((time.time(), str(text)))
        except ConnectionClosed:
            return


class PageReceiver:
    """A page in chromium; its clock is the machine's, as is ours."""

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        page.evaluate(_LISTEN, [url, SUBSCRIBE])

    def heard(self) -> Heard:
        """All that came up to now."""
        return [(float(at), str(text)) for at, text in self._page.evaluate("window.heard")]


@contextmanager
def _page(path: str, url: str) -> Iterator[Receiver]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield PageReceiver(browser.new_page(), url)
        browser.close()


@contextmanager
def _socket(url: str) -> Iterator[Receiver]:
    with connect(url, open_timeout=SECONDS, ping_interval=None) as connection:
        yield SocketReceiver(connection)


def receiver(name: str, url: str) -> AbstractContextManager[Receiver]:
    """A receiver of this name at the address of a ticket: `browser` or `client`."""
    if name == "client":
        return _socket(url)
    path = browser_path()
    if path is None:
        raise FileNotFoundError("no chromium")
    return _page(path, url)


def browser_path() -> str | None:
    """Where Debian's chromium is, or the one that CHROMIUM names; none if it is not installed."""
    return shutil.which(os.environ.get("CHROMIUM", "chromium"))
