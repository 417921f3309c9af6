"""What is done with links: made, used, revoked."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from jobmill.errors import NotFound
from jobmill.jobs.ids import RANDOM_BYTES, uuid7
from jobmill.jobs.job import Job, StoredReport
from jobmill.jobs.store import JobStore
from jobmill.links import rows
from jobmill.links.keys import LinkKeys
from jobmill.links.link import Link, TaskLink, deleted, require_file, require_valid
from jobmill.links.subjects import ReportSubject, Subject, TaskSubject, parse_subject
from jobmill.links.tickets import Ticket, read_ticket, require_in_time, sign
from jobmill.log import logger


class Links:
    """Links to reports of jobs and data of tasks, at `{public_url}/d/{ticket}`, each for `lifetime`."""

    def __init__(
        self,
        store: JobStore,
        keys: LinkKeys,
        *,
        public_url: str,
        lifetime: timedelta,
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._store = store
        self._keys = keys
        self._public_url = public_url
        self._lifetime = lifetime
        self._clock = clock
        self._random_bytes = random_bytes

    def create_link(self, job: Job, report: StoredReport, *, by: str, by_name: str) -> Link:
        """Make a link to a file of the job, as the job is, for the person `by`; gives it with its `url`.

        Of a job under way, the file is one of its present run, stored by now. The link ends earlier than by time when
        the file goes, the job's next run begins, or somebody revokes it. Repeating it makes another link.
        Raises CallerError `link-name-too-long`, DependencyError `links-unavailable`.
        """
        now = self._clock()
        link = Link(
            id=uuid7(now, self._random_bytes(RANDOM_BYTES)),
            subject=ReportSubject(job.id, job.run, job.attempt, report.name),
            key=report.key,
            name=report.name,
            content_type=report.content_type,
            created_by=by,
            created_by_name=by_name,
            created_at=now,
            expires_at=self._end(now),
        )
        url = self._url(link.id, link.expires_at, link.subject)
        rows.put_link(link)
        logger.info("link made", job_id=job.id, link_id=link.id)
        return replace(link, url=url)

    def task_link(self, name: str, version: str) -> str:
        """The address of a link to a version of a task's data. Raises DependencyError `links-unavailable`."""
        now = self._clock()
        return self._url(uuid7(now, self._random_bytes(RANDOM_BYTES)), self._end(now), TaskSubject(name, version))

    def open(self, ticket: str, *, count: bool) -> Link | TaskLink:
        """The link of a ticket that holds now; one to a report is counted as used unless it is only looked at.

        Whether a task still has the version that its link names, its bucket knows.

        Raises CallerError `link-damaged`, `link-foreign`, `link-tampered`, NotFound `link-unsupported`, and Gone
        `link-expired`, `link-revoked`, `link-deleted`, in this order.
        """
        now = self._clock()
        read = read_ticket(ticket, self._keys.find)
        require_in_time(read.expires_at, now)
        subject = parse_subject(read.subject)
        if isinstance(subject, TaskSubject):
            return TaskLink(subject, read.expires_at)
        link = require_valid(rows.get_link(subject.job_id, read.link_id), now)
        if link.subject != subject:
            raise deleted()
        require_file(link, self._job(subject.job_id), now)
        if count:
            self._count(link, now)
        logger.info("link used" if count else "link looked at", job_id=subject.job_id, link_id=link.id)
        return link

    def revoke_link(self, link: Link, *, by_name: str) -> Link:
        """End the link at once. Safe to repeat: the first revocation stays. Raises NotFound `link-not-found`."""
        revoked = rows.revoke(link, self._clock(), by_name)
        logger.info("link revoked", job_id=link.subject.job_id, link_id=link.id)
        return revoked

    def _end(self, now: datetime) -> datetime:
        return (now + self._lifetime).replace(microsecond=0)

    def _url(self, link_id: str, expires_at: datetime, subject: Subject) -> str:
        ticket = sign(Ticket(link_id, expires_at, str(subject)), self._keys.current())
        return f"{self._public_url}/d/{ticket}"

    def _count(self, link: Link, now: datetime) -> None:
        """Count a use; one that lost a race against a revocation, or the job's deletion, is none."""
        if not rows.count_download(link, now):
            require_valid(rows.get_link(link.subject.job_id, link.id), now)
            raise deleted()

    def _job(self, job_id: str) -> Job | None:
        try:
            return self._store.get(job_id, whole=False)
        except NotFound:
            return None
