"""The functions' log lines, as they come."""

import time

from rich.console import Console

from jobmill_local.deploy import STACK_NAME
from jobmill_local.stack import Stack

type _Line = tuple[int, str, str]
"""Epoch milliseconds, function, text."""

_PAUSE_SECONDS = 1
# Lambda's own lines around each invocation
_FRAME = ("START RequestId", "END RequestId", "REPORT RequestId")


def show(stack: Stack, console: Console, *, follow: bool) -> None:
    """Print every line so far, oldest first, and with `follow` those that come, until interrupted."""
    seen: set[_Line] = set()
    while True:
        for function, text in _new_lines(stack, seen):
            console.print(f"{function:>16}  {text}")
        if not follow:
            return
        try:
            time.sleep(_PAUSE_SECONDS)
        except KeyboardInterrupt:
            return


def _new_lines(stack: Stack, seen: set[_Line]) -> list[tuple[str, str]]:
    logs = stack.aws("logs")
    prefix = f"/{STACK_NAME}/"
    lines = []
    for group in logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]:
        name = group["logGroupName"]
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
            for event in page["events"]:
                # The local AWS gives events no id.
                line = (event["timestamp"], name.removeprefix(prefix), event["message"].rstrip())
                if line not in seen and not line[2].startswith(_FRAME):
                    seen.add(line)
                    lines.append(line)
    return [(function, text) for _, function, text in sorted(lines)]
