"""Links as the tests need them: a job with a report whose file is there, a clock that stands, and keys of their own."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import boto3

from jobmill import aws
from jobmill.jobs.job import Job, JobError, StoredReport
from jobmill.jobs.services import store
from jobmill.jobs.status import FAIL
from jobmill.links.keys import LinkKeys
from jobmill.links.link import Link
from jobmill.links.links import Links
from jobmill.times import now_utc
from tests.stack.builders import running
from tests.stack.conftest import BUCKETS, LINK_KEYS

CONTENT = b"a report"
WEEK = timedelta(days=7)


@dataclass
class Clock:
    """A time that goes on when it is told to."""

    now: datetime = field(default_factory=now_utc)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span


def links_by(clock: Clock, jobs: Any = None) -> Links:
    """Links whose time is this clock's, of the store, or of what stands in for it."""
    keys = LinkKeys(aws.secrets, LINK_KEYS, clock)
    return Links(jobs or store(), keys, public_url="https://jobs.example.com", lifetime=WEEK, clock=clock)


def report_of(job: Job, name: str = "orders.xlsx") -> StoredReport:
    """A report of the job's present attempt, stored."""
    key = f"exports/x/id-of-demo/{job.id}/{job.run}-{job.attempt}/file"
    boto3.client("s3").put_object(Bucket=BUCKETS["S3_REPORTS_BUCKET"], Key=key, Body=CONTENT)
    return StoredReport(name, key, "text/csv", len(CONTENT), "0" * 64)


def completed_with_report(name: str = "orders.xlsx", job: Job | None = None, **wanted: str) -> Job:
    """A completed job that lists one report."""
    job = running(job, **wanted)
    store().complete(job, result={}, reports=(report_of(job, name),), publication=None, now=now_utc())
    return store().get(job.id)


def failed_with_report(name: str = "errors.xlsx") -> Job:
    """A failed job that lists a workbook of its errors."""
    job = running()
    return store().fail(FAIL, job, JobError("rows-rejected", "Bad."), now_utc(), (report_of(job, name),))


def link_to(job: Job, links: Links, report: StoredReport | None = None) -> tuple[Link, str]:
    """A link to the job's only report, or to this file, and its ticket."""
    link = links.create_link(job, report or job.reports[0], by="id-of-demo", by_name="Demo")
    assert link.url is not None
    return link, link.url.removeprefix("https://jobs.example.com/d/")
