"""Whose turn it is: what each socket is to be told, in an order in which no project's sockets starve another's."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, zip_longest

from jobmill.live.messages import Message
from jobmill.live.subscriptions import ALL_JOBS, Subscription, Topic, subscriptions_of


@dataclass(frozen=True)
class Turn:
    """What one socket is to be told of one project, in order; the topics are those by which it listens there.

    A socket `is_over` that is there longer than it may: it is to be closed, and told nothing.
    """

    connection_id: str
    topics: tuple[Topic, ...]
    messages: tuple[Message, ...] = ()
    is_over: bool = False


def turns_of(messages: Iterable[Message], now: datetime) -> list[Turn]:
    """The turns of all sockets that listen to these messages: one query per project, and the projects mixed.

    Raises PynamoDBException if the table does not say who listens.
    """
    by_project: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_project[message.project_id].append(message)
    return mixed([_turns(subscriptions_of(project_id), those, now) for project_id, those in by_project.items()])


def mixed[Item](groups: Iterable[list[Item]], shuffle: Callable[[list[Item]], None] = random.shuffle) -> list[Item]:
    """One of each group, then another of each, and so on; within a group by chance.

    So a group of few waits for as many of a larger one as it has itself, and those for whom the time is too short are
    not the same each time.
    """
    for group in groups:
        shuffle(group)
    missing = object()
    rounds = chain.from_iterable(zip_longest(*groups, fillvalue=missing))
    return [each for each in rounds if each is not missing]  # type: ignore[misc]


def _turns(subscriptions: Iterable[Subscription], messages: Sequence[Message], now: datetime) -> list[Turn]:
    """Of one project: those that are told something, and those that are over."""
    by_connection: dict[str, list[Subscription]] = defaultdict(list)
    for each in subscriptions:
        by_connection[each.connection_id].append(each)
    turns = (_turn(connection_id, those, messages, now) for connection_id, those in by_connection.items())
    return [turn for turn in turns if turn.messages or turn.is_over]


def _turn(connection_id: str, those: Sequence[Subscription], messages: Sequence[Message], now: datetime) -> Turn:
    topics = tuple(each.topic for each in those)
    if any(each.expires_at <= now for each in those):
        return Turn(connection_id, topics, is_over=True)
    jobs = {topic.job_id for topic in topics}
    wanted = tuple(each for each in messages if ALL_JOBS in jobs or each.job_id in jobs)
    return Turn(connection_id, topics, wanted)
