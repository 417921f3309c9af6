"""What callers get of links."""

from typing import Self

from jobmill.links.link import Link
from jobs_api.views import Moment, View


class LinkView(View):
    """A link to a report of a job. It holds until `expiresAt`, or until it is revoked, or its file is gone."""

    id: str
    report: str
    content_type: str
    created_at: Moment
    created_by: str
    created_by_name: str
    expires_at: Moment
    downloads: int
    last_download_at: Moment | None = None
    revoked_at: Moment | None = None
    revoked_by_name: str | None = None

    @classmethod
    def of(cls, link: Link) -> Self:
        """The view of a link."""
        fields = {name: getattr(link, name) for name in LinkView.model_fields if name != "report"}
        return cls(**fields, report=link.name)


class NewLinkView(LinkView):
    """A link just made. Its `url` is told once: whoever has it may have the file, without a token."""

    url: str

    @classmethod
    def of_new(cls, link: Link) -> Self:
        """The view of a link that has its URL."""
        return cls(**dict(LinkView.of(link)), url=link.url or "")
