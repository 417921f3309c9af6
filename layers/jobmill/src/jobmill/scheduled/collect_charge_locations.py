"""Charge locations of OCPI peers: whole as the task's data, flat as the dataset `charge_locations`."""

from datetime import timedelta

from jobmill.charging.peers import lacks, peers
from jobmill.json_values import Json
from jobmill.scheduled.registry import Collected, TaskContext, scheduled_task
from jobmill.tasks.data import stored_task_data
from jobmill.tasks.names import SaveIn, TaskName

DATASET = "charge_locations"
RUN_LIMIT = timedelta(hours=2)


@scheduled_task(
    TaskName.COLLECT_CHARGE_LOCATIONS,
    save_in=SaveIn.STORAGE,
    run_limit=RUN_LIMIT,
    not_ready=lacks("peer with locationsUrl", lambda peers: any(peer.locations_url for peer in peers.peers)),
)
def collect_charge_locations(context: TaskContext) -> Collected:
    """Collect what peers changed of their locations since the last run; gives all locations, each as its peer has it.

    EVSEs that are REMOVED stay in them. The dataset of the peers' project has a row for each EVSE. Raises as `peers`,
    `Collection.collect` and `base_of`.
    """
    from jobmill.charging.collecting import Collection, read_plain, report_quarantined, updated_at
    from jobmill.charging.publishing import Target, base_of, publish_rows
    from jobmill.ocpi.objects import Key, Kind, key_of
    from jobmill.ocpi.rows import LOCATION_COLUMNS, LOCATION_ROW, location_rows
    from jobmill.tables.engine import connect

    config = peers()
    target = Target(config.project, DATASET, LOCATION_COLUMNS, LOCATION_ROW)
    base = base_of(context, target)
    known = stored_task_data(TaskName.COLLECT_CHARGE_LOCATIONS)
    locations: dict[Key, Json] = {key_of(raw): raw for raw in known or ()}
    # Without the data of before all is asked for again: it is the only whole copy.
    since = base.collected_until if known is not None else {}
    asked = [peer for peer in config.peers if peer.locations_url]
    collection = Collection(context, Kind.LOCATION, asked, since)
    fresh = collection.collect()
    for key, raw in fresh.items():
        before = locations.get(key)
        if not isinstance(before, dict) or updated_at(before) <= updated_at(raw):
            locations[key] = read_plain(raw)
    rows = (row for raw in fresh.values() for row in location_rows(raw))
    with connect(context.workspace) as connection:
        publish_rows(context, connection, target, base, rows, collection.until)
    report_quarantined(context, collection.progress.quarantined)
    return Collected([locations[key] for key in sorted(locations)], collection.result())
