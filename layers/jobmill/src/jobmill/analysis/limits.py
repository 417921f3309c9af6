"""How much one analysis takes. Beyond these it fails with a sentence; memory and time are measured at them."""

from typing import Final

from jobmill.errors import CallerError

MAX_PAGES: Final = 50_000
"""Pages of all sheets, other resources of a crawl (images, scripts) among them."""
MAX_KEYWORDS: Final = 20_000
"""Keywords of all sheets; the rows of one keyword count once."""
MAX_ROWS: Final = 200_000
"""Rows of all sheets: several of them may be of one page or keyword."""
MAX_CHARACTERS: Final = 100_000_000
"""What is kept of all rows: four times what 50,000 ordinary pages have."""


def too_many_pages() -> CallerError:
    """More pages than one analysis takes."""
    return CallerError(
        "too-many-pages",
        f"The file has more than {MAX_PAGES:,} pages, the most that one analysis takes. Split the crawl by folder or "
        "host, and analyse the parts.",
    )


def too_many_keywords() -> CallerError:
    """More keywords than one analysis takes."""
    return CallerError(
        "too-many-keywords",
        f"The file has more than {MAX_KEYWORDS:,} keywords, the most that one analysis takes. Leave out those of the "
        "least volume, or split the list.",
    )


def too_many_rows() -> CallerError:
    """More rows than one analysis takes, of however few pages and keywords."""
    return CallerError("too-many-rows", f"The file has more than {MAX_ROWS:,} rows, the most that one analysis takes.")


def texts_too_long() -> CallerError:
    """More text than one analysis keeps."""
    return CallerError(
        "texts-too-long",
        f"The URLs, titles, descriptions and headings have more than {MAX_CHARACTERS:,} characters together. Leave the "
        "longest ones out, or split the file.",
    )
