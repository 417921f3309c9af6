"""Images as files, whole or not at all: what is taken, and what of it is left when it fails."""

import gzip
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jobmill import downloads
from jobmill.downloads import MAX_IMAGE_BYTES, download_image
from tests.peers import Peer, Serve, Wire, answer, peer
from tests.unit.fetching.asking import endless
from tests.unit.fetching.downloading import downloaded, refused
from tests.unit.fetching.hostile_urls import PUBLIC
from tests.unit.pictures import gif, jpeg, png, png_of_size

type Internet = dict[tuple[str, int], Peer]

URL = "http://example.com/a.png"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"


@pytest.fixture(autouse=True)
def known(names: dict[str, list[list[str]]], over_http: None) -> None:
    """Over http, so that the wire shows what there is; what https adds has its own tests."""
    names["example.com"] = [[PUBLIC]]


def image(content: bytes, type_: str = "image/png", **headers: str) -> Serve:
    return answer(200, content, Content_Type=type_, **headers)


def raw(content: bytes) -> Serve:
    return lambda connection: connection.sendall(content)


@pytest.mark.requirement("U5")
@pytest.mark.parametrize(
    ("content", "type_"),
    [
        (png(), "image/png"),
        (jpeg(), "image/jpeg"),
        (jpeg(), "image/jpg"),
        (gif(), "image/gif"),
        (png(), "IMAGE/PNG; charset=binary"),
        (png() + bytes(MAX_IMAGE_BYTES - len(png())), "image/png"),
    ],
    ids=["png", "jpeg", "jpg", "gif", "parameter", "largest"],
)
def test_an_image_becomes_a_file(tmp_path: Path, internet: Internet, content: bytes, type_: str) -> None:
    with peer(image(content, type_)) as one:
        internet[PUBLIC, 80] = one
        assert downloaded(tmp_path, f"{URL}?b=c#d") == content

    assert one.heads[0].startswith("GET /a.png?b=c HTTP/1.1\r\n")
    sent = {"host": "example.com", "accept": "image/png, image/jpeg, image/gif", "accept-encoding": "identity"}
    assert one.headers() | sent == one.headers()
    assert not one.headers().keys() & {"cookie", "authorization", "referer"}


@pytest.mark.requirement("U5")
def test_a_file_that_is_there_is_replaced_by_one_that_others_may_read(tmp_path: Path, internet: Internet) -> None:
    (tmp_path / "a.png").write_bytes(b"before")
    with peer(image(png())) as one:
        internet[PUBLIC, 80] = one
        assert downloaded(tmp_path, URL) == png()

    os.umask(mask := os.umask(0))
    assert (tmp_path / "a.png").stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_name_alone_is_a_file_where_the_program_is(
    tmp_path: Path, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with peer(image(png())) as one:
        internet[PUBLIC, 80] = one
        download_image(URL, "localfile.png")

    assert (tmp_path / "localfile.png").read_bytes() == png()


def test_a_folder_that_is_not_there_is_not_made_and_nobody_asked(tmp_path: Path, watched: Wire) -> None:
    with pytest.raises(FileNotFoundError):
        download_image(URL, tmp_path / "folder" / "a.png")

    assert (list(tmp_path.iterdir()), watched.tried) == ([], [])


@pytest.mark.parametrize("status", [201, 204, 206, 300, 304, 400, 404, 429, 500, 503])
def test_any_other_status_is_refused(tmp_path: Path, internet: Internet, status: int) -> None:
    with peer(answer(status, png(), Content_Type="image/png", Location="/b.png")) as one:
        internet[PUBLIC, 80] = one
        assert refused(tmp_path, URL) == "unexpected-status"


@pytest.mark.requirement("U5")
@pytest.mark.parametrize(
    "serve",
    [
        answer(200, png()),
        image(png(), ""),
        image(png(), "text/html"),
        image(png(), "application/octet-stream"),
        image(png(), "image/svg+xml"),
        image(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        image(png(), "image/webp"),
        image(b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(24), "image/webp"),
        image(png(), "image/jpeg"),
        image(jpeg(), "image/png"),
        image(gif(), "image/png"),
        image(b"<html><script>alert(1)</script></html>"),
        image(b" " + png()),
        image(b"GIF8", "image/gif"),
        image(b""),
    ],
    ids=["none", "empty-type", "html", "octets", "png-as-svg", "svg", "png-as-webp", "webp", "png-as-jpeg",
         "jpeg-as-png", "gif-as-png", "html-as-png", "blank-before", "short", "nothing"],
)  # fmt: skip
def test_what_is_no_image_by_its_header_and_by_its_bytes_is_refused(
    tmp_path: Path, internet: Internet, serve: Serve
) -> None:
    with peer(serve) as one:
        internet[PUBLIC, 80] = one
        code = refused(tmp_path, URL)

    assert code == "not-an-image"


def test_an_image_of_more_pixels_than_a_reader_can_bear_is_refused(tmp_path: Path, internet: Internet) -> None:
    with peer(image(png_of_size(100_000, 1_001))) as one:
        internet[PUBLIC, 80] = one
        assert refused(tmp_path, URL) == "image-too-large"


@pytest.mark.requirement("U5")
@pytest.mark.parametrize(
    "made",
    [
        lambda: image(png() + bytes(MAX_IMAGE_BYTES + 1 - len(png()))),
        lambda: image(gzip.compress(png() + bytes(MAX_IMAGE_BYTES)), Content_Encoding="gzip"),
        lambda: image(gzip.compress(gzip.compress(bytes(1 << 30), 1), 1), Content_Encoding="gzip, gzip"),
    ],
    ids=["one-byte", "bomb", "bomb-in-bomb"],
)
def test_too_much_is_refused(tmp_path: Path, internet: Internet, made: Callable[[], Serve]) -> None:
    with peer(made()) as one:
        internet[PUBLIC, 80] = one
        assert refused(tmp_path, URL) == "answer-too-large"


@pytest.mark.requirement("U5")
def test_content_without_end_is_refused(tmp_path: Path, internet: Internet) -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + bytes(1 << 16) + b"\r\n")

    with peer(serve) as one:
        internet[PUBLIC, 80] = one
        assert refused(tmp_path, URL) == "answer-too-large"


def test_what_a_server_packs_all_the_same_is_unpacked(tmp_path: Path, internet: Internet) -> None:
    with peer(image(gzip.compress(png()), Content_Encoding="gzip")) as one:
        internet[PUBLIC, 80] = one
        assert downloaded(tmp_path, URL) == png()


@pytest.mark.requirement("U5")
@pytest.mark.parametrize(
    "content",
    [
        b"Content-Length: 1000\r\n\r\n" + png(),
        b"Content-Length: -1\r\n\r\n" + png(),
        b"Content-Length: many\r\n\r\n" + png(),
        b"Content-Length: 70\r\nContent-Length: 71\r\n\r\n" + png(),
        b"\r\n" + png(),
        b"Transfer-Encoding: chunked\r\n\r\n" + png(),
        b"Transfer-Encoding: chunked\r\n\r\n46\r\n" + png(),
        b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + png(),
        b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n" + png(),
        b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 100_000 + b"\r\n" + png(),
        b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
    ],
    ids=["cut", "negative", "word", "two", "none", "no-chunks", "last-chunk-missing", "negative-chunk", "large-chunk",
         "long-chunk-line", "not-gzip"],
)  # fmt: skip
def test_an_answer_that_is_not_whole_is_refused(tmp_path: Path, internet: Internet, content: bytes) -> None:
    with peer(raw(HEAD + content)) as one:
        internet[PUBLIC, 80] = one
        assert refused(tmp_path, URL) == "broken-answer"


@pytest.mark.requirement("U5")
@pytest.mark.parametrize(
    ("head", "block"),
    [
        (b"", b""),
        (HEAD + b"X: ", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (HEAD + b"Content-Length: 1000000\r\n\r\n" + png(), b"a"),
    ],
    ids=["silence", "header", "continue", "chunks", "content"],
)
def test_who_takes_his_time_is_left(
    tmp_path: Path, internet: Internet, monkeypatch: pytest.MonkeyPatch, head: bytes, block: bytes
) -> None:
    monkeypatch.setattr(downloads, "DOWNLOAD_SECONDS", 0.3)
    done = threading.Event()
    with peer(endless(head, block, done)) as one:
        internet[PUBLIC, 80] = one
        code = refused(tmp_path, URL)
        if block:
            assert one.closed.wait(5), "the connection stays open"
        done.set()

    assert code == "timed-out"
