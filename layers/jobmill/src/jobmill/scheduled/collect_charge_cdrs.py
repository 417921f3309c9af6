"""Charge detail records of OCPI peers: the newest whole as the task's data, all as the dataset `charge_cdrs`."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from jobmill.charging.peers import lacks, peers
from jobmill.json_values import Json
from jobmill.scheduled.registry import Collected, TaskContext, scheduled_task
from jobmill.tasks.data import stored_task_data
from jobmill.tasks.names import SaveIn, TaskName

if TYPE_CHECKING:
    from jobmill.ocpi.objects import Key

DATASET = "charge_cdrs"
RUN_LIMIT = timedelta(hours=2)
KEPT_CDRS = 10_000
"""The newest, which are the task's data; the dataset has all."""


@scheduled_task(
    TaskName.COLLECT_CHARGE_CDRS,
    save_in=SaveIn.STORAGE,
    run_limit=RUN_LIMIT,
    not_ready=lacks("peer with cdrsUrl", lambda peers: any(peer.cdrs_url for peer in peers.peers)),
)
def collect_charge_cdrs(context: TaskContext) -> Collected:
    """Collect the peers' CDRs since the last run; gives the newest 10,000 that are known, each as its peer sent it.

    The dataset of the peers' project has a row for each CDR ever collected. The run's job lists a workbook for each
    month that got CDRs. Raises as `peers`, `Collection.collect` and `base_of`.
    """
    from jobmill.charging.collecting import Collection, report_quarantined
    from jobmill.charging.months import write_months
    from jobmill.charging.publishing import Target, base_of, publish_rows
    from jobmill.ocpi.objects import Kind, moment
    from jobmill.ocpi.rows import CDR_COLUMNS, cdr_row
    from jobmill.ocpi.totals import month_of
    from jobmill.tables.engine import connect

    config = peers()
    target = Target(config.project, DATASET, CDR_COLUMNS)
    base = base_of(context, target)
    asked = [peer for peer in config.peers if peer.cdrs_url]
    collection = Collection(context, Kind.CDR, asked, base.collected_until)
    fresh = collection.collect()
    with connect(context.workspace) as connection:
        rows = (cdr_row(raw) for raw in fresh.values())
        parts = publish_rows(context, connection, target, base, rows, collection.until)
        months = sorted({month_of(moment(raw["end_date_time"]).date()) for raw in fresh.values()})
        write_months(context, connection, parts, months, len(collection.progress.quarantined))
    report_quarantined(context, collection.progress.quarantined)
    return Collected(_newest(fresh), collection.result())


def _newest(fresh: "dict[Key, dict[str, Any]]") -> list[Json]:
    """The newest CDRs, of those that came now and those of before."""
    from jobmill.charging.collecting import read_plain, updated_at
    from jobmill.ocpi.objects import key_of

    every: dict[Key, Any] = {key_of(raw): raw for raw in stored_task_data(TaskName.COLLECT_CHARGE_CDRS) or ()}
    for key, raw in fresh.items():
        if key not in every or updated_at(every[key]) <= updated_at(raw):
            every[key] = raw
    ages = {key: updated_at(raw) for key, raw in every.items()}
    newest = sorted(every, key=lambda key: (ages[key], key))[-KEPT_CDRS:]
    return [read_plain(every[key]) if key in fresh else every[key] for key in newest]
