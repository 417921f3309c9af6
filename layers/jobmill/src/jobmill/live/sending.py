"""Telling changes to the WebSockets that listen: quick, and none held up by another."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from jobmill.aws import LIVE_SENDERS
from jobmill.json_values import dump_json
from jobmill.live.connections import remove_connection
from jobmill.live.messages import Message
from jobmill.live.subscriptions import ALL_JOBS, Subscription, subscriptions_of
from jobmill.log import logger

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient


@dataclass(frozen=True)
class Told:
    """What became of telling one socket: the ends that did not reach it, and whether it is there no more."""

    connection_id: str
    lost_ends: tuple[Message, ...] = ()
    is_gone: bool = False


class Sender:
    """Tells the sockets of a WebSocket API: in one batch, ends for `patience`, progress for a shorter time."""

    def __init__(
        self,
        client: Callable[[], "ApiGatewayManagementApiClient"],
        *,
        patience: timedelta,
        patience_with_progress: timedelta,
        clock: Callable[[], datetime],
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._patience = patience.total_seconds()
        self._patience_with_progress = patience_with_progress.total_seconds()
        self._clock = clock
        self._stopwatch = stopwatch

    def tell(self, messages: Sequence[Message]) -> list[Message]:
        """Tell each message to all that listen to its job or project; gives the ends that did not reach somebody.

        One query per project, and nothing else where nobody listens. Sockets that are gone, or longer there than they
        may, are removed. Raises PynamoDBException if the table does not say who listens.
        """
        told = self._tell_each(self._listeners(messages))
        for each in told:
            if each.is_gone:
                self._remove(each.connection_id)
        return [message for each in told for message in each.lost_ends]

    def _remove(self, connection_id: str) -> None:
        """Remove what is there of a connection that is gone; what fails here is removed next time, or by time."""
        logger.info("socket gone", connection_id=connection_id)
        try:
            remove_connection(connection_id)
        except PynamoDBException:
            logger.exception("connection stays", connection_id=connection_id)

    def _listeners(self, messages: Iterable[Message]) -> dict[str, list[Message] | None]:
        """What each socket is to be told, in order; None for one that is there longer than it may."""
        by_project: dict[str, list[Message]] = defaultdict(list)
        for message in messages:
            by_project[message.project_id].append(message)
        listeners: dict[str, list[Message] | None] = {}
        now = self._clock()
        for project_id, those in by_project.items():
            for connection_id, jobs in _jobs_by_connection(subscriptions_of(project_id), now).items():
                if jobs is None:
                    listeners[connection_id] = None
                    continue
                wanted = [each for each in those if ALL_JOBS in jobs or each.job_id in jobs]
                listeners[connection_id] = [*(listeners.get(connection_id) or ()), *wanted]
        return {connection_id: wanted for connection_id, wanted in listeners.items() if wanted or wanted is None}

    def _tell_each(self, listeners: Mapping[str, list[Message] | None]) -> list[Told]:
        if not listeners:
            return []
        # Made before the threads begin: boto3 makes no clients in many at once.
        client, begun = self._client(), self._stopwatch()
        with ThreadPoolExecutor(LIVE_SENDERS) as pool:
            return list(pool.map(lambda each: self._tell_one(client, each[0], each[1], begun), listeners.items()))

    def _tell_one(
        self, client: "ApiGatewayManagementApiClient", connection_id: str, messages: list[Message] | None, begun: float
    ) -> Told:
        if messages is None:
            _close(client, connection_id)
            return Told(connection_id, is_gone=True)
        for number, message in enumerate(messages):
            rest = tuple(each for each in messages[number:] if each.is_end)
            seconds = self._stopwatch() - begun
            if seconds > self._patience_with_progress and not message.is_end:
                continue
            if seconds > self._patience:
                logger.warning("socket not told in time", connection_id=connection_id, lost_ends=len(rest))
                return Told(connection_id, rest)
            try:
                client.post_to_connection(ConnectionId=connection_id, Data=dump_json(message.to_json()).encode())
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.GONE:
                    return Told(connection_id, is_gone=True)
                return _not_told(connection_id, rest, error)
            except BotoCoreError as error:
                return _not_told(connection_id, rest, error)
        return Told(connection_id)


def _close(client: "ApiGatewayManagementApiClient", connection_id: str) -> None:
    """Close a socket, if it is there; its client opens another one. What fails here ends by itself."""
    try:
        client.delete_connection(ConnectionId=connection_id)
    except (BotoCoreError, ClientError) as error:
        logger.info("socket not closed", connection_id=connection_id, error=str(error))


def _not_told(connection_id: str, lost_ends: tuple[Message, ...], error: Exception) -> Told:
    logger.warning("socket not told", connection_id=connection_id, lost_ends=len(lost_ends), error=str(error))
    return Told(connection_id, lost_ends)


def _jobs_by_connection(subscriptions: Iterable[Subscription], now: datetime) -> dict[str, set[str] | None]:
    """The jobs that each connection listens to, or ALL_JOBS; None for a connection that is over."""
    jobs: dict[str, set[str] | None] = {}
    for each in subscriptions:
        if each.expires_at <= now:
            jobs[each.connection_id] = None
            continue
        known = jobs.setdefault(each.connection_id, set())
        if known is not None:
            known.add(each.topic.job_id)
    return jobs
