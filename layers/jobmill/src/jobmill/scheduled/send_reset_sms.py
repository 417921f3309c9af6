"""Reset messages to devices that were unhealthy when they were last asked: each at most once a day."""

import re
from collections import Counter
from datetime import timedelta
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from jobmill import aws
from jobmill.charging.peers import lacks
from jobmill.errors import CallerError
from jobmill.json_values import Json
from jobmill.log import logger
from jobmill.records import ExpiryAttribute, TableMeta, hash_key, is_refused, sort_key
from jobmill.scheduled.registry import TaskContext, scheduled_task
from jobmill.settings import settings
from jobmill.tasks.data import get_task_data
from jobmill.tasks.names import TaskData, TaskName
from jobmill.tasks.rows import get_document
from jobmill.times import now_utc

UNHEALTHY: Final = frozenset({"bad", "unhealthy"})
"""Of a device's health, in any case; other words are none that a reset is known to help."""
NEWEST: Final = timedelta(days=1)
"""Older news of devices is no reason to reset them."""
_MAX_ID: Final = 200
"""Characters of a device's id, as in `jobmill.ocpi.devices`; it stands in a key of the table."""
_KEPT: Final = timedelta(days=3)
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
"""E.164."""


class ResetRow(Model):
    """That a device was sent its reset of a day, written before that is tried."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key()
    job_id = UnicodeAttribute()
    expires_at = ExpiryAttribute()


@scheduled_task(TaskName.SEND_RESET_SMS, not_ready=lacks("devices", lambda peers: peers.devices is not None))
def send_reset_sms(context: TaskContext) -> TaskData:
    """Send a reset to each unhealthy device of the last collection that has a telephone and had none today (UTC).

    Gives `{sent, devices, messages, alreadySent, withoutPhone, failed}`; unless the template's SmsSending is On,
    nothing is sent, and `sent` is false. A message that fails is not tried again that day: it may have arrived.
    Raises CallerError `devices-too-old` where the collection is older than a day.
    """
    collected_at = get_document(TaskName.COLLECT_DEVICES_HEALTH).data_at
    if collected_at is None or now_utc() - collected_at > NEWEST:
        raise CallerError(
            "devices-too-old", "The devices' health was not collected within a day. See to that task first."
        )
    devices: Any = get_task_data(TaskName.COLLECT_DEVICES_HEALTH)
    unhealthy = [device for device in devices if _is_unhealthy(device)]
    counts: Counter[str] = Counter()
    for number, device in enumerate(unhealthy):
        context.progress(number, len(unhealthy), f"Device {number + 1} of {len(unhealthy)}")
        counts[_reset(device["id"], str(device.get("phone", "")), context.job.id)] += 1
    told: dict[str, Json] = {"sent": settings().sms_sending, "devices": len(unhealthy)}
    return told | {name: counts[name] for name in ("messages", "alreadySent", "withoutPhone", "failed")}


def _is_unhealthy(device: object) -> bool:
    """Whether this is a device, and unhealthy: a program may have stored anything as the last collection."""
    if not isinstance(device, dict) or str(device.get("health", "")).lower() not in UNHEALTHY:
        return False
    return isinstance(device.get("id"), str) and 1 <= len(device["id"]) <= _MAX_ID


def _reset(device_id: str, phone: str, job_id: str) -> str:
    """Send a device its reset; gives what became of it."""
    if not _PHONE.fullmatch(phone):
        return "withoutPhone"
    if not settings().sms_sending:
        return "messages"
    if not _is_first_today(device_id, job_id):
        return "alreadySent"
    kind: Any = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
    try:
        aws.sns().publish(PhoneNumber=phone, Message=settings().sms_text, MessageAttributes=kind)
    except (BotoCoreError, ClientError):
        logger.exception("reset not sent", device=device_id, job_id=job_id)
        return "failed"
    logger.info("reset sent", device=device_id, job_id=job_id)
    return "messages"


def _is_first_today(device_id: str, job_id: str) -> bool:
    now = now_utc()
    row = ResetRow(f"device#{device_id}", f"reset#{now:%Y-%m-%d}", job_id=job_id, expires_at=now + _KEPT)
    try:
        row.save(condition=ResetRow.pk.does_not_exist())
    except PutError as error:
        if is_refused(error):
            return False
        raise
    return True
