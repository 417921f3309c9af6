"""Subscriptions: who listens to a project or to one of its jobs, in one partition of the table per project."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.models import Model

from jobmill.records import ExpiryAttribute, TableMeta, hash_key, sort_key

ALL_JOBS = "*"
"""What a subscription to a project has in the place of a job's id."""


@dataclass(frozen=True)
class Topic:
    """What one subscription is to: a job, or all jobs of a project."""

    project_id: str
    job_id: str = ALL_JOBS

    def __str__(self) -> str:
        return f"{self.project_id}/{self.job_id}"


@dataclass(frozen=True)
class Subscription:
    """That a connection listens to a topic until `expires_at`, when the connection is over."""

    connection_id: str
    topic: Topic
    expires_at: datetime


class SubscriptionRow(Model):
    """A subscription. DynamoDB removes it some time after `expires_at`, should nobody else."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key()
    expires_at = ExpiryAttribute()


def topic_of(text: str) -> Topic:
    """The topic of its text."""
    return Topic(*text.split("/"))


def put_subscription(subscription: Subscription) -> None:
    """Write the subscription's row; safe to repeat."""
    _row(subscription.connection_id, subscription.topic, expires_at=subscription.expires_at).save()


def remove_subscription(connection_id: str, topic: Topic) -> None:
    """Remove the subscription, if it is there."""
    _row(connection_id, topic).delete()


def subscriptions_of(project_id: str) -> list[Subscription]:
    """All subscriptions in a project, those too that are over by time: one query, and more from some 10,000 rows on.

    The read is consistent: whoever was told that he is subscribed misses no change after that.
    """
    return [_subscription(project_id, row) for row in SubscriptionRow.query(_key(project_id), consistent_read=True)]


def _key(project_id: str) -> str:
    return f"live#{project_id}"


def _row(connection_id: str, topic: Topic, **fields: Any) -> SubscriptionRow:
    return SubscriptionRow(_key(topic.project_id), f"{connection_id}#{topic.job_id}", **fields)


def _subscription(project_id: str, row: SubscriptionRow) -> Subscription:
    connection_id, _, job_id = row.sk.rpartition("#")
    return Subscription(connection_id, Topic(project_id, job_id), row.expires_at)
