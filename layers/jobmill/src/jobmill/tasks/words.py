"""A schedule of EventBridge Scheduler in words: "At 03:40", "Every 15 minutes"."""

from typing import Final

from jobmill.tasks.schedule import Schedule, UnknownSchedule, parse_schedule

_SATURDAY: Final = "7"


def words_of(expression: str) -> str | None:
    """What the expression says, in English, by the clocks of its zone; None of one that is not understood here."""
    try:
        schedule = parse_schedule(expression, "UTC")
    except UnknownSchedule:
        return None
    if schedule.at is not None:
        return f"Once, on {schedule.at:%Y-%m-%d} at {schedule.at:%H:%M}"
    return _of_rate(expression) if schedule.every is not None else _of_cron(schedule)


def _of_rate(expression: str) -> str:
    count, unit = expression.removeprefix("rate(").removesuffix(")").split(" ")
    unit = unit.removesuffix("s")
    return f"Every {unit}" if count == "1" else f"Every {int(count):,} {unit}s"


def _of_cron(schedule: Schedule) -> str | None:
    # Imported here: only who shows tasks needs it, and it takes a tenth of a second.
    from cron_descriptor import FormatError, Options, get_description  # noqa: PLC0415

    minute, hour, day, month, weekday, year = schedule.expression.removeprefix("cron(").removesuffix(")").split(" ")
    options = Options()
    options.use_24hour_time_format = True
    options.day_of_week_start_index_zero = False  # Amazon counts from 1, Sunday
    # Of seven fields the first are the seconds, of six the reader would have to guess.
    fields = ("0", minute, hour, day, month, _SATURDAY if weekday.upper() == "L" else weekday, year)
    try:
        return str(get_description(" ".join(fields), options))
    except (FormatError, ValueError):
        return None
