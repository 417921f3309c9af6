"""What is late about a task: a slot that did not fire, a run that does not end, data older than was promised. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jobmill.tasks.document import TaskDocument
from jobmill.tasks.names import TaskSpec
from jobmill.tasks.schedule import UnknownSchedule, parse_schedule


class Lateness(StrEnum):
    """What can be late."""

    NOT_FIRED = "not-fired"
    NOT_ENDED = "not-ended"
    TOO_OLD = "too-old"


@dataclass(frozen=True)
class Late:
    """One thing that is late, with a sentence for the operator."""

    what: Lateness
    why: str


def late(document: TaskDocument, spec: TaskSpec, now: datetime, grace: timedelta, *, is_under_way: bool) -> list[Late]:
    """What is late, by more than `grace`; nothing of a suspended task. `is_under_way`: a run was begun or asked for."""
    if document.is_suspended:
        return []
    return [
        *_not_fired(document, now, grace),
        *(_not_ended(document, spec, now, grace) if is_under_way else ()),
        *_too_old(document, spec, now),
    ]


def next_slot(document: TaskDocument, now: datetime) -> datetime | None:
    """When the schedule fires next, as far as that can be told; never, of a suspended task."""
    if document.schedule is None or document.is_suspended or not document.is_enabled:
        return None
    try:
        schedule = parse_schedule(document.schedule, document.time_zone or "UTC")
    except UnknownSchedule:
        return None
    return schedule.next(now, document.fired_at or document.watched_since)


def _not_fired(document: TaskDocument, now: datetime, grace: timedelta) -> list[Late]:
    since = document.watched_since
    if document.schedule is None or since is None:
        return []
    if not document.is_enabled:
        return [Late(Lateness.NOT_FIRED, "Its schedule is gone or switched off in EventBridge.")]
    try:
        schedule = parse_schedule(document.schedule, document.time_zone or "UTC")
    except UnknownSchedule:
        return []
    last = max(since, document.fired_at or since)
    if schedule.every is not None:
        expected = last + schedule.every
        is_late = expected + grace < now
    else:
        found = schedule.latest(now - grace)
        is_late = found is not None and found > last
        expected = found or now
    return [Late(Lateness.NOT_FIRED, f"It was due at {expected:%Y-%m-%d %H:%M} UTC and did not begin.")] * is_late


def _not_ended(document: TaskDocument, spec: TaskSpec, now: datetime, grace: timedelta) -> list[Late]:
    begun = max(filter(None, (document.asked_at, document.started)), default=None)
    if begun is None or now - begun <= spec.run_limit + grace:
        return []
    return [Late(Lateness.NOT_ENDED, f"The run of {begun:%Y-%m-%d %H:%M} UTC has not ended.")]


def _too_old(document: TaskDocument, spec: TaskSpec, now: datetime) -> list[Late]:
    since = max(filter(None, (document.data_at, document.watched_since)), default=None)
    if spec.fresh_for is None or since is None or now - since <= spec.fresh_for:
        return []
    hours = spec.fresh_for / timedelta(hours=1)
    what = "Its data is of" if since == document.data_at else "It has had no new data since"
    return [Late(Lateness.TOO_OLD, f"{what} {since:%Y-%m-%d %H:%M} UTC, which is over {hours:g} hours ago.")]
