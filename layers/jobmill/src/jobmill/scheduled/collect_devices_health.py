"""The health of devices, as their service tells it."""

from jobmill.scheduled.peers import lacks
from jobmill.scheduled.registry import TaskContext, scheduled_task
from jobmill.tasks.names import TaskData, TaskName


@scheduled_task(TaskName.COLLECT_DEVICES_HEALTH, not_ready=lacks("devices", lambda peers: peers.devices is not None))
def collect_devices_health(context: TaskContext) -> TaskData:
    """PLACEHOLDER"""
    raise NotImplementedError
