"""docs/outgoing.md is true: its example works, its limits and codes are those of the code."""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from jobmill.downloads import DOWNLOAD_SECONDS, HTTP_PARAMETER, MAX_IMAGE_BYTES, MAX_REDIRECTS, download_image
from jobmill.image_headers import MAX_PIXELS, ImageKind
from tests.peers import Peer, answer, peer
from tests.unit.fetching.hostile_urls import PUBLIC
from tests.unit.pictures import png

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "outgoing.md").read_text()
SOURCES = ROOT / "layers" / "jobmill" / "src" / "jobmill"
# `download_image` is given no list of hosts, and nobody can stop it.
ELSEWHERE = {"host-not-allowed", "request-stopped"}


@dataclass
class Desk:
    """What the example's work needs of a `Context`."""

    workspace: Path
    params: Any
    reports: list[str] = field(default_factory=list)

    def report(self, path: Path, name: str, export_type: str) -> None:
        assert path.is_file()
        self.reports.append(name)


@pytest.mark.requirement("U5")
@pytest.mark.requirement("U9")
def test_the_example_puts_a_picture_from_a_url_into_a_workbook(
    tmp_path: Path,
    names: dict[str, list[list[str]]],
    internet: dict[tuple[str, int], Peer],
    authority: Callable[[str], ssl.SSLContext],
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    made: dict[str, Any] = {}
    exec(compile(example, "outgoing.md", "exec"), made)
    cover = made["make_cover"]
    desk = Desk(tmp_path / "work", cover.params.model_validate({"picture": "https://example.com/a.png"}))
    desk.workspace.mkdir()
    names["example.com"] = [[PUBLIC]]
    with peer(answer(200, png(), Content_Type="image/png"), tls=authority("example.com")) as one:
        internet[PUBLIC, 443] = one
        assert cover.work(desk) == {}

    assert (cover.name, desk.reports) == ("Cover", ["cover.xlsx"])
    with ZipFile(desk.workspace / "cover.xlsx") as package:
        assert package.read("xl/media/image1.png") == png()


def test_the_page_names_every_code_once() -> None:
    texts = [(SOURCES / f"{name}.py").read_text() for name in ("fetching", "hosts", "downloads", "image_headers")]
    raised = {code for text in texts for code in re.findall(r'(?:CallerError|Unprocessable)\(\s*"([a-z-]+)"', text)}
    named = re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)

    assert sorted(named) == sorted(raised - ELSEWHERE)
    assert set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", str(download_image.__doc__))) == set(named)


def test_the_page_names_the_limits() -> None:
    assert f"{DOWNLOAD_SECONDS} seconds for all of it; {MAX_IMAGE_BYTES >> 20} MiB; {MAX_PIXELS:,} pixels" in PAGE
    assert (MAX_REDIRECTS, "Three redirects at most" in PAGE) == (3, True)
    assert f"parameter `{HTTP_PARAMETER}`" in PAGE
    assert " or ".join((", ".join(list(ImageKind)[:-1]), list(ImageKind)[-1])).upper().replace(" OR ", " or ") in PAGE
