"""URLs taken apart once, strictly, and lists of the hosts that may be asked. Asks nobody.

Two readers of one URL that disagree about its host are how guards are passed by: what is not plain is refused here, and
all that follows (the list, the name's lookup, the connection, the `Host` header) goes by the same parts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from jobmill.addresses import Address
from jobmill.errors import CallerError, Unprocessable

MAX_URL_CHARACTERS: Final = 2_000
_PORTS: Final = {"http": 80, "https": 443}
_URL: Final = re.compile(r"(https?)://([^/?#]+)([^#]*)(?:#.*)?", re.IGNORECASE)
_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:]+)(?::([0-9]{1,5}))?")
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# Browsers and C libraries read such a last label as part of an IPv4 address: 2130706433, 127.1, 0x7f.0.0.1.
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Blanks, control characters, what some readers take for a slash or the end of the host, and what turns the direction of
# writing, so that people read another URL than the one that is asked.
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL leads to. `host` is a name in lower case and ASCII, without a last dot, or an IP address."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them: without the port that the scheme has anyway."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL made of these parts, without its fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def place(self) -> str:
        """The URL as people may see it: a query may hold keys."""
        path, mark, _ = self.path.partition("?")
        return f"{self.scheme}://{self.authority}{path}{mark and '?…'}"

    @property
    def address(self) -> Address | None:
        """The host, if it is an IP address."""
        return _address(self.host)


def parse_url(url: str) -> Target:
    """The parts of an http or https URL.

    Raises CallerError `bad-url` for any other scheme, for user names and passwords, and for what is not plain.
    """
    if len(url) > MAX_URL_CHARACTERS or _UNSAFE.search(url) or not _encodes(url):
        raise _bad(
            f"A URL is at most {MAX_URL_CHARACTERS:,} characters without blanks, backslashes or control characters."
        )
    parts = _URL.fullmatch(url)
    if parts is None:
        raise _bad("Give a URL that begins with https:// or http:// and a host.")
    scheme, authority, rest = parts[1].lower(), parts[2], parts[3]
    if "@" in authority:
        raise _bad("Leave user name and password out of the URL.")
    host, port = _host_and_port(authority)
    return Target(scheme, host, port or _PORTS[scheme], rest if rest.startswith("/") else f"/{rest}")


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """An entry of a list of hosts: `port` none for the scheme's own, `address` the only one to be asked, if given."""

    host: str
    port: int | None
    address: Address | None

    def allows(self, target: Target) -> bool:
        """Whether the target is this host, at this port."""
        return target.host == self.host and target.port == (self.port or _PORTS[target.scheme])


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Which hosts may be asked: no others, and by default none.

    An entry is `host` (the scheme's own port) or `host:port`, which allow public addresses only; an IP address
    (`10.0.0.5:8080`, `[fd00::5]:8080`), which allows itself; or `host=address` (`peer.internal:8080=10.0.0.5`), which
    takes the name to be at this address without looking it up. Only the last two reach what is not public.
    """

    parameter: str
    """Where an operator adds hosts: a parameter of the template."""
    entries: tuple[AllowedHost, ...]

    @classmethod
    def parse(cls, parameter: str, entries: Iterable[str]) -> "AllowedHosts":
        """The list of these entries. Raises ValueError for what is no entry."""
        try:
            return cls(parameter, tuple(_entry(text) for text in sorted(entries)))
        except CallerError as error:
            raise ValueError(f"{parameter}: {error.message}") from error

    def find(self, target: Target) -> list[AllowedHost]:
        """The entries that allow the target, at least one. Raises Unprocessable `host-not-allowed`."""
        found = [entry for entry in self.entries if entry.allows(target)]
        if not found:
            raise Unprocessable(
                "host-not-allowed",
                f"{target.authority} is not among the hosts that may be asked over {target.scheme}. An operator can add"
                f" it to the template's parameter {self.parameter}.",
                field="url",
            )
        return found


def _entry(text: str) -> AllowedHost:
    authority, equals, given = text.partition("=")
    host, port = _host_and_port(authority)
    address = _address(given) if equals else _address(host)
    if equals and address is None:
        raise _bad(f'"{text}" ends in no IP address.')
    return AllowedHost(host, port, address)


def _host_and_port(authority: str) -> tuple[str, int | None]:
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise _bad(f'"{authority}" is no host, with or without a port.')
    port = int(parts[2]) if parts[2] else None
    if port is not None and not 1 <= port <= 65_535:
        raise _bad(f"{port} is no port.")
    return (_ipv6(parts[1]) if parts[1].startswith("[") else _name(parts[1])), port


def _ipv6(bracketed: str) -> str:
    address = _address(bracketed[1:-1])
    if not isinstance(address, IPv6Address):
        raise _bad(f'"{bracketed}" is no IPv6 address.')
    return str(address)


def _name(host: str) -> str:
    """The host in ASCII and lower case: a name, or an IPv4 address as it is usually written."""
    name = (host if host.isascii() else _to_ascii(host)).lower().removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _bad(f'"{host}" is no name of a host.')
    if _NUMBER.fullmatch(labels[-1]) and not isinstance(_address(name), IPv4Address):
        raise _bad(f'"{host}" is no IPv4 address as it is usually written.')
    return name


def _to_ascii(host: str) -> str:
    import idna

    try:
        return idna.encode(host, uts46=True).decode()
    except UnicodeError as error:  # idna's own errors are of it
        raise _bad(f'"{host}" is no name of a host.') from error


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bad(message: str) -> CallerError:
    return CallerError("bad-url", message, field="url")
