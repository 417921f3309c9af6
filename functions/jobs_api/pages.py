"""The one page that people see here: why a link does not lead anywhere."""

from html import escape

from aws_lambda_powertools.event_handler import Response

from jobs_api.problems import Problem

_HEADERS: dict[str, str | list[str]] = {
    "Cache-Control": "no-store",
    # Nothing may be loaded, framed or run: the page is text.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def wants_page(accept: str | None) -> bool:
    """Whether a person's browser asks: it names HTML, where programs take anything or ask for JSON."""
    for part in (accept or "").lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        if kind == "text/html":
            return not any(_is_none(parameter) for parameter in parameters)
    return False


def problem_page(problem: Problem) -> Response[str]:
    """The problem's sentence as a page."""
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(problem.title)}</title></head>"
        f"<body><h1>{escape(problem.title)}</h1><p>{escape(problem.detail)}</p><p>{escape(problem.code)}</p></body></html>"
    )
    return Response(status_code=problem.status, content_type="text/html; charset=utf-8", headers=_HEADERS, body=body)


def _is_none(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and value.strip().rstrip("0.") == ""
