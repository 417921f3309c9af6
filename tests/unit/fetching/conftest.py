"""What surrounds a guarded request: a watched wire, a server of names, an authority of certificates."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from jobmill.settings import settings
from tests.peers import Peer, Wire, wire


@pytest.fixture
def watched() -> Iterator[Wire]:
    with wire() as one:
        yield one


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, watched: Wire) -> dict[str, list[list[str]]]:
    """A server of names: for each name its answers, one lookup after the other; the last one stays."""
    table: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: Any, **named: Any) -> Any:
        if host not in table:
            return real(host, port, *rest, **named)
        watched.looked_up.append(host)
        answers = table[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [item for address in found for item in real(address, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return table


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch, watched: Wire) -> dict[tuple[str, int], Peer]:
    """Peers by the address and port at which they are met; a connection there is noted, and led to the peer."""
    there: dict[tuple[str, int], Peer] = {}
    real = socket.socket.connect

    def connect(sock: socket.socket, address: tuple[str, int]) -> None:
        one = there.get(address[:2])
        if one is None:
            real(sock, address)
        else:
            watched.ports.add(one.port)
            real(sock, (one.host, one.port))
            watched.tried[watched.tried.index((one.host, one.port))] = address[:2]

    monkeypatch.setattr(socket.socket, "connect", connect)
    return there


@pytest.fixture
def over_http(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The operator lets images come over http."""
    monkeypatch.setenv("IMAGES_OVER_HTTP", "true")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ssl.SSLContext]:
    """Gives a server's side of TLS for a name, signed by the only authority that requests know here."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("test authority", root_key, root_key, x509.BasicConstraints(ca=True, path_length=None))
    (tmp_path / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(tmp_path / "root.pem"))

    def context(name: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(name, key, root_key, x509.SubjectAlternativeName([x509.DNSName(name)]))
        (tmp_path / "own.pem").write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(tmp_path / "own.pem")
        return made

    return context


def _certificate(name: str, key: Any, signer: Any, extension: Any) -> x509.Certificate:
    """A certificate of a day, of `name`, signed by the authority's key."""
    now = datetime.now(UTC)
    is_root = key is signer
    usage = x509.KeyUsage(
        digital_signature=not is_root, key_cert_sign=is_root, crl_sign=is_root, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = x509.CertificateBuilder(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")]),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]),
        key.public_key(),
        x509.random_serial_number(),
        now - timedelta(days=1),
        now + timedelta(days=1),
    )
    for each, critical in (
        (extension, is_root),
        (usage, True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False),
    ):
        builder = builder.add_extension(each, critical=critical)
    return builder.sign(signer, hashes.SHA256())
