"""Connections: a row for each open WebSocket, with its rights and what it listens to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import UnicodeSetAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import size
from pynamodb.models import Model

from jobmill.errors import CallerError, Gone, TooMany
from jobmill.live.listener import Listener, listener_of
from jobmill.live.subscriptions import Subscription, Topic, put_subscription, remove_subscription, topic_of
from jobmill.records import ExpiryAttribute, JsonTextAttribute, TableMeta, hash_key, is_refused, sort_key

SORT_KEY = "live-connection"
MAX_CONNECTIONS = 50
"""Of one caller, in all tabs and programs."""
MAX_SUBSCRIPTIONS = 100
"""Of one connection."""
_TOO_MANY = f"A connection has at most {MAX_SUBSCRIPTIONS} subscriptions. Unsubscribe, or subscribe to the project."


class ConnectionRow(Model):
    """An open WebSocket. DynamoDB removes it some time after `expires_at`, should nobody else."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key(SORT_KEY)
    listener = JsonTextAttribute()
    topics = UnicodeSetAttribute(null=True)
    expires_at = ExpiryAttribute()


class CallerRow(Model):
    """That a caller has a connection: what counts his. DynamoDB removes it some time after `expires_at`."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key()
    expires_at = ExpiryAttribute()


@dataclass(frozen=True)
class Connection:
    """An open WebSocket, its rights, what it listens to, and when it is over."""

    id: str
    listener: Listener
    topics: frozenset[Topic]
    expires_at: datetime


def put_connection(connection_id: str, listener: Listener, now: datetime) -> None:
    """Write a new connection's rows. Raises TooMany `too-many-connections`, and leaves nothing then.

    It is counted after it was written: of those that come at once none is overlooked, and some more may be refused.
    """
    expires_at = listener.connected_until(now)
    row = CallerRow(_caller_key(listener), connection_id, expires_at=expires_at)
    row.save()
    if CallerRow.count(row.pk, filter_condition=CallerRow.expires_at > now, consistent_read=True) > MAX_CONNECTIONS:
        row.delete()
        raise TooMany("too-many-connections", f"You have {MAX_CONNECTIONS} connections. Close one of them first.")
    ConnectionRow(_key(connection_id), listener=listener.to_json(), expires_at=expires_at).save()


def get_connection(connection_id: str, now: datetime) -> Connection | None:
    """The connection as it is now; none if it is not there, or over."""
    try:
        row = ConnectionRow.get(_key(connection_id), SORT_KEY, consistent_read=True)
    except ConnectionRow.DoesNotExist:
        return None
    if row.expires_at <= now:
        return None
    topics = frozenset(map(topic_of, row.topics or ()))
    return Connection(connection_id, listener_of(row.listener), topics, row.expires_at)  # type: ignore[arg-type]


def subscribe(connection: Connection, topic: Topic) -> None:
    """Let the connection listen to the topic; safe to repeat.

    Raises TooMany `too-many-subscriptions`, and Gone `connection-over` if it was removed meanwhile.
    """
    few = ConnectionRow.topics.does_not_exist() | (size(ConnectionRow.topics) < MAX_SUBSCRIPTIONS)
    has_room = few | ConnectionRow.topics.contains(str(topic))
    row = ConnectionRow(_key(connection.id))
    try:
        row.update([ConnectionRow.topics.add({str(topic)})], condition=ConnectionRow.pk.exists() & has_room)
    except UpdateError as error:
        if not is_refused(error):
            raise
        raise _why_refused(row) from error
    put_subscription(Subscription(connection.id, topic, connection.expires_at))


def unsubscribe(connection: Connection, topic: Topic) -> None:
    """End one subscription of the connection, if it is there."""
    remove_subscription(connection.id, topic)
    row = ConnectionRow(_key(connection.id))
    try:
        row.update([ConnectionRow.topics.delete({str(topic)})], condition=ConnectionRow.pk.exists())
    except UpdateError as error:
        if not is_refused(error):
            raise


def remove_connection(connection_id: str, topics: Iterable[Topic] = ()) -> None:
    """Remove the connection's row with its subscriptions; safe to repeat.

    `topics` are removed too if the row does not name them: who subscribes while the socket ends leaves such ones.
    """
    row = ConnectionRow(_key(connection_id))
    try:
        row.refresh(consistent_read=True)
    except ConnectionRow.DoesNotExist:
        known = set[Topic]()
    else:
        known = set(map(topic_of, row.topics or ()))
        CallerRow(_caller_key(listener_of(row.listener)), connection_id).delete()  # type: ignore[arg-type]
    for topic in known.union(topics):
        remove_subscription(connection_id, topic)
    row.delete()


def connection_over() -> Gone:
    """The error of a connection that is there no more, or longer than its token."""
    return Gone("connection-over", "This connection is over. Open another one, with a new ticket.")


def _why_refused(row: ConnectionRow) -> CallerError:
    """As the row is now: other subscriptions may have come since it was read."""
    try:
        row.refresh(consistent_read=True)
    except ConnectionRow.DoesNotExist:
        return connection_over()
    return TooMany("too-many-subscriptions", _TOO_MANY)


def _caller_key(listener: Listener) -> str:
    return f"live-caller#{listener.caller.id}"


def _key(connection_id: str) -> str:
    return f"live-connection#{connection_id}"
