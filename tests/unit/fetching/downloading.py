"""Downloads of the tests."""

from pathlib import Path

from jobmill.downloads import download_image
from tests.unit.fetching.asking import code_of


def refused(folder: Path, url: str) -> str:
    """The code of a download that fails; it must leave the file that is there, and nothing beside it."""
    folder.mkdir(exist_ok=True)
    folder.joinpath("a.png").write_bytes(b"before")
    code = code_of(lambda: download_image(url, folder / "a.png"))
    assert [path.name for path in folder.iterdir()] == ["a.png"]
    assert folder.joinpath("a.png").read_bytes() == b"before"
    return code


def downloaded(folder: Path, url: str) -> bytes:
    """What a download saves; nothing else may be there."""
    folder.mkdir(exist_ok=True)
    download_image(url, str(folder / "a.png"))
    assert [path.name for path in folder.iterdir()] == ["a.png"]
    return folder.joinpath("a.png").read_bytes()
