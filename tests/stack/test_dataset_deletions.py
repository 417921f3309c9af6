"""Random sequences of versions, with deletions that fail: the kept versions are whole, and nothing else stays."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from moto.core.botocore_stubber import BotocoreStubber

from jobmill.projects.datasets import VersionRow, newest_version
from jobmill.projects.project import Project, put_project
from tests.stack.conftest import BUCKETS
from tests.stack.test_dataset_versions import done, growing, head, named, of_slices, replacing, stored
from tests.stack.test_leftovers import notify
from tests.stack.test_processors import kit_with

FEW = 1
"""The versions that the project keeps at first."""
OPERATIONS = st.one_of(
    st.just("replace"),
    st.just("append"),
    st.builds("upsert {}".format, st.integers(0, 3)),
    st.builds("keep {}".format, st.integers(1, 3)),
    st.builds("fail {}".format, st.integers(0, 3)),
)


@dataclass
class FailingDeletes:
    """S3 that answers so many deletions and no more; none: all of them."""

    answered: int | None = None

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answer = BotocoreStubber.__call__

        def sometimes(stubber: BotocoreStubber, event_name: str, request: Any, **named: Any) -> Any:
            if event_name == "before-send.s3.DeleteObject" and self.answered is not None:
                self.answered -= 1
                if self.answered < 0:
                    raise ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "DeleteObject")
            return answer(stubber, event_name, request, **named)

        monkeypatch.setattr(BotocoreStubber, "__call__", sometimes)


def forget_all() -> None:
    """As if there had never been a dataset: an AWS of its own for each example takes a second."""
    for partition in ("datasets#demo", "dataset#demo#places"):
        for row in VersionRow.query(partition):
            row.delete()
    for key in stored():
        boto3.client("s3").delete_object(Bucket=BUCKETS["DATASETS_BUCKET"], Key=key)
    put_project(Project("demo", "Demo", FEW))


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=set(Phase) - {Phase.shrink},  # an example takes a second
)
@given(operations=st.lists(OPERATIONS, min_size=3, max_size=8))
def test_no_deletion_takes_a_part_that_a_kept_version_names(
    cloud: None, monkeypatch: pytest.MonkeyPatch, operations: list[str]
) -> None:
    forget_all()
    with monkeypatch.context() as patch:
        deletes = FailingDeletes()
        deletes.install(patch)
        jobs, kept, first_kept = [], FEW, 1
        for number, operation in enumerate(operations):
            word, _, value = operation.partition(" ")
            if word == "keep":
                kept = int(value)
                put_project(Project("demo", "Demo", kept))
            elif word == "fail":
                deletes.answered = int(value)
            else:
                without = int(value) if word == "upsert" else None
                is_first = newest_version("demo", "places") is None
                work = replacing(str(number)) if word == "replace" or is_first else growing(str(number), without)
                jobs.append(done(work, kit_with(timedelta(hours=1))))
                deletes.answered = None
                # A version whose removal has begun does not come back when the project keeps more.
                first_kept = max(first_kept, head().version - kept + 1)
            assert named(first_kept) <= stored()
        deletes.answered = None
        if jobs:
            done(growing("last"), kit_with(timedelta(hours=1)))
            notify(of_slices(jobs[number % len(jobs)]))
            assert stored() == named()
