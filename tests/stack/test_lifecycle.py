"""The job's life on the real store, in memory."""

import pytest

from jobmill.errors import Conflict
from jobmill.jobs.lifecycle import Failure, Lifecycle, Submission
from jobmill.jobs.services import lifecycle, store
from datetime import timedelta
from jobmill.jobs.status import Status, FAIL
from jobmill.jobs.job import JobError
from jobmill.times import now_utc

pytestmark = pytest.mark.usefixtures("cloud")


def test_x():
    job = lifecycle().submit(Submission("Import", "demo", {"a": 1}, timedelta(seconds=600), "u", "U"), None)
    assert store().get(job.id) == job
    c = store().claim(job.id, run=1, pass_=0, owner="me", lease=timedelta(seconds=120), now=now_utc())
    print(c)
    assert store().claim(job.id, run=1, pass_=0, owner="me", lease=timedelta(seconds=120), now=now_utc()) == c
    r = store().renew(c, progress=5, message="x", lease=timedelta(seconds=120), now=now_utc())
    f = store().fail(FAIL, c, JobError("x", "y"), now_utc())
    print(f)
    q = lifecycle().retry(f, {"a": 2})
    print(q)
    x = lifecycle().cancel(q)
    assert lifecycle().cancel(x) == x
    with pytest.raises(Conflict):
        lifecycle().cancel(f) if False else lifecycle().retry(c, {})
