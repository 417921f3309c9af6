"""The health of devices, as their service tells it."""

from datetime import timedelta
from typing import Any

from jobmill.charging.peers import lacks, peers, private_hosts, waiting
from jobmill.errors import CallerError
from jobmill.log import logger
from jobmill.scheduled.registry import TaskContext, scheduled_task
from jobmill.tasks.names import SaveIn, TaskData, TaskName

RUN_LIMIT = timedelta(minutes=10)


@scheduled_task(
    TaskName.COLLECT_DEVICES_HEALTH,
    save_in=SaveIn.DB,
    run_limit=RUN_LIMIT,
    not_ready=lacks("devices", lambda peers: peers.devices is not None),
)
def collect_devices_health(context: TaskContext) -> TaskData:
    """Ask the devices' endpoint of the peers' secret; gives `[{id, health, phone?}]`, as it has them.

    What is no device is left out, and told to the log. Raises as `peers` and `collect_devices`, and CallerError
    `no-devices` if all that came is invalid: what was collected before is worth more.
    """
    from jobmill.ocpi.devices import collect_devices

    endpoint = peers().devices
    if endpoint is None:
        raise CallerError("no-peers", "The secret of PeersSecret has no devices.")
    devices, invalid = collect_devices(endpoint, private_hosts(), waiting(context), context.on_stop)
    if invalid:
        logger.warning("devices left out", number=len(invalid), first=invalid[0].reasons, job_id=context.job.id)
    if invalid and not devices:
        raise CallerError("no-devices", f"Of {len(invalid):,} devices none is valid: {invalid[0].reasons[0]}")
    data: list[Any] = [*devices]
    return data
