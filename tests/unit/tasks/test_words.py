"""Schedules in words, and that these are never of another schedule than the one that fires."""

import pytest

from jobmill.tasks.words import words_of


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("rate(1 minute)", "Every minute"),
        ("rate(15 minutes)", "Every 15 minutes"),
        ("rate(1 hour)", "Every hour"),
        ("rate(7 days)", "Every 7 days"),
        ("at(2026-12-24T18:00:00)", "Once, on 2026-12-24 at 18:00"),
        ("cron(40 3 * * ? *)", "At 03:40"),
        ("cron(20 * * * ? *)", "At 20 minutes past the hour"),
        ("cron(0/15 * * * ? *)", "Every 15 minutes"),
        ("cron(0 18 ? * MON-FRI *)", "At 18:00, Monday through Friday"),
        ("cron(0 18 ? * 2-6 *)", "At 18:00, Monday through Friday"),
        ("cron(0 9 ? * 1 *)", "At 09:00, only on Sunday"),
        ("cron(0 9 ? * 7 *)", "At 09:00, only on Saturday"),
        ("cron(0 9 ? * L *)", "At 09:00, only on Saturday"),
        ("cron(0 9 ? * 6L *)", "At 09:00, on the last Friday of the month"),
        ("cron(0 9 ? * 2#1 *)", "At 09:00, on the first Monday of the month"),
        ("cron(0 9 L * ? *)", "At 09:00, on the last day of the month"),
        ("cron(0 8 1 * ? *)", "At 08:00, on day 1 of the month"),
        ("cron(0 0 1 1 ? *)", "At 00:00, on day 1 of the month, only in January"),
        ("cron(0/5 8-17 ? * MON,WED 2026-2028)",
         "Every 5 minutes, between 08:00 and 17:59, only on Monday and Wednesday, 2026 through 2028"),
    ],
)  # fmt: skip
def test_a_schedule_in_words(expression: str, words: str) -> None:
    assert words_of(expression) == words


@pytest.mark.parametrize(
    "expression",
    ["", "rate(0 minutes)", "rate(5 weeks)", "cron(40 3 * * ?)", "cron(61 3 * * ? *)", "cron(a b c d e f)", "daily",
     "at(2026-13-01T00:00:00)", "cron(0 9 ? * 8 *)"],
)  # fmt: skip
def test_what_is_not_understood_has_no_words(expression: str) -> None:
    assert words_of(expression) is None
