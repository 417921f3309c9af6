"""Telling changes to the WebSockets that listen: quick, and none held up by another."""

import time
from collections.abc import Callable, Iterable, Sequence
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
from jobmill.live.turns import Turn, turns_of
from jobmill.log import logger

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

MOST_REMEMBERED = 100_000
"""Of ends that reached a socket while others were missed: some 20 MB. Over that they are forgotten, and told twice."""


@dataclass(frozen=True)
class Told:
    """What became of a socket's turn: the ends that did not reach it, and whether it is there no more."""

    turn: Turn
    lost_ends: tuple[Message, ...] = ()
    is_gone: bool = False

    @property
    def reached_ends(self) -> list[Message]:
        """The ends of the turn that the socket has, from now or before."""
        return [each for each in self.turn.messages if each.is_end and each not in self.lost_ends]


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
        self._reached: set[tuple[str, Message]] = set()

    def tell(self, messages: Sequence[Message]) -> list[Message]:
        """Tell each message to all that listen to its job or project; gives the ends that did not reach somebody.

        One query per project, and nothing else where nobody listens. Told again, an end goes only to those whom it did
        not reach. Sockets that are gone, or longer there than they may, are removed.
        Raises PynamoDBException if the table does not say who listens.
        """
        told = self._tell_each(turns_of(messages, self._clock()))
        for each in told:
            if each.is_gone:
                _remove(each.turn)
        lost = [message for each in told for message in each.lost_ends]
        if lost:
            self._remember(told)
        return lost

    def _remember(self, told: Iterable[Told]) -> None:
        """Which ends reached whom, as those that did not come again with them."""
        for each in told:
            for message in each.reached_ends:
                if len(self._reached) >= MOST_REMEMBERED:
                    self._reached.clear()
                self._reached.add((each.turn.connection_id, message))

    def _tell_each(self, turns: Sequence[Turn]) -> list[Told]:
        if not turns:
            return []
        # Made before the threads begin: boto3 makes no clients in many at once.
        client, begun = self._client(), self._stopwatch()
        with ThreadPoolExecutor(LIVE_SENDERS) as pool:
            return list(pool.map(lambda turn: self._tell_one(client, turn, begun), turns))

    def _tell_one(self, client: "ApiGatewayManagementApiClient", turn: Turn, begun: float) -> Told:
        connection_id = turn.connection_id
        if turn.is_over:
            _close(client, connection_id)
            return Told(turn, is_gone=True)
        messages = [each for each in turn.messages if (connection_id, each) not in self._reached]
        for number, message in enumerate(messages):
            rest = tuple(each for each in messages[number:] if each.is_end)
            seconds = self._stopwatch() - begun
            if seconds > self._patience_with_progress and not message.is_end:
                continue
            if seconds > self._patience:
                logger.warning("socket not told in time", connection_id=connection_id, lost_ends=len(rest))
                return Told(turn, rest)
            try:
                client.post_to_connection(ConnectionId=connection_id, Data=dump_json(message.to_json()).encode())
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.GONE:
                    return Told(turn, is_gone=True)
                return _not_told(turn, rest, error)
            except BotoCoreError as error:
                return _not_told(turn, rest, error)
        return Told(turn)


def _remove(turn: Turn) -> None:
    """Remove what is there of a connection that is gone; what fails here is removed next time, or by time."""
    logger.info("socket gone", connection_id=turn.connection_id)
    try:
        remove_connection(turn.connection_id, turn.topics)
    except PynamoDBException:
        logger.exception("connection stays", connection_id=turn.connection_id)


def _close(client: "ApiGatewayManagementApiClient", connection_id: str) -> None:
    """Close a socket, if it is there; its client opens another one. What fails here ends by itself."""
    try:
        client.delete_connection(ConnectionId=connection_id)
    except (BotoCoreError, ClientError) as error:
        logger.info("socket not closed", connection_id=connection_id, error=str(error))


def _not_told(turn: Turn, lost_ends: tuple[Message, ...], error: Exception) -> Told:
    logger.warning("socket not told", connection_id=turn.connection_id, lost_ends=len(lost_ends), error=str(error))
    return Told(turn, lost_ends)
