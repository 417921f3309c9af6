"""What goes wrong between the functions and AWS: which fault meets a call, and how each service says no."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from jobmill_local.calls import DYNAMODB, S3, SQS, STEP_FUNCTIONS, Call


class Fault(StrEnum):
    """What happens to a call."""

    DROPPED = "dropped"
    """The connection closes, and AWS never sees the call."""
    UNANSWERED = "unanswered"
    """AWS does it, and the connection closes before the answer."""
    THROTTLED = "throttled"
    """The service says that there are too many calls."""
    DELAYED = "delayed"
    """It takes its time."""
    OUTAGE = "outage"
    """The whole service is away; like dropped, until it is back."""


@dataclass(frozen=True)
class Plan:
    """How often each fault meets a call (0 to 1), and which services are away.

    Faults come in bursts, as outages do: after one, the next call of the function to the same service fails with the
    probability `burst`, which is what gets past the clients' own retries.
    """

    rates: Mapping[Fault, float] = field(default_factory=dict)
    burst: float = 0.0
    away: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()
    """Functions whose calls meet no delays and no bursts."""


NO_FAULTS = Plan()


class Dice:
    """Chooses faults by a plan; the same seed and the same calls give the same faults."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._in_burst: dict[tuple[str, str], Fault] = {}

    def choose(self, plan: Plan, function: str, call: Call) -> Fault | None:
        """The fault that meets this call of a function, if any."""
        if call.service in plan.away:
            return Fault.OUTAGE
        if not plan.rates:
            return None
        place = (function, call.service)
        before = self._in_burst.pop(place, None)
        fault = before if before and self._random.random() < plan.burst else self._new(plan)
        is_spared = function in plan.spared
        if fault is Fault.DELAYED and is_spared:
            return None
        if fault and fault is not Fault.DELAYED and not is_spared:
            self._in_burst[place] = fault
        return fault

    def delay_seconds(self) -> float:
        """How long a delayed call waits: from 0.2 to 2.2 s, mostly little; past 2 s the request path gives up."""
        return 0.2 + 2 * self._random.random() ** 2

    def throttle(self, call: Call) -> tuple[int, bytes]:
        """How the service of the call says that there are too many: status and body."""
        return self._random.choice(_THROTTLES[call.service])

    def _new(self, plan: Plan) -> Fault | None:
        at = self._random.random()
        for fault, rate in plan.rates.items():
            if at < rate:
                return fault
            at -= rate
        return None


def _json_error(name: str, message: str) -> tuple[int, bytes]:
    return 400, json.dumps({"__type": name, "message": message}).encode()


_THROTTLES = {
    DYNAMODB: (
        _json_error("com.amazonaws.dynamodb.v20120810#ThrottlingException", "Rate of requests exceeds the limit."),
        _json_error(
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded.",
        ),
    ),
    SQS: (_json_error("com.amazonaws.sqs#RequestThrottled", "The request was denied due to request throttling."),),
    STEP_FUNCTIONS: (_json_error("com.amazonaws.swf.base.model#ThrottlingException", "Rate exceeded"),),
    S3: (
        (
            503,
            b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SlowDown</Code>'
            b"<Message>Please reduce your request rate.</Message></Error>",
        ),
    ),
}
