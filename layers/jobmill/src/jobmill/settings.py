"""The one reader of the environment. Every duration is a template parameter of the matching name."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

RUN_LIMIT_OF = "RUN_LIMIT_SECONDS_"
RETENTION_OF = "RETENTION_HOURS_"
FRESH_OF = "FRESH_MINUTES_"


@dataclass(frozen=True)
class Settings:
    """What the template tells a function. Names of resources, then durations, then bounds."""

    table: str
    starts_queue_url: str
    uploads_bucket: str
    datasets_bucket: str
    reports_bucket: str
    s3_endpoint: str | None
    s3_accelerated_endpoint: str | None
    """Where callers fetch and send files, if not at S3's own endpoint."""
    s3_region: str | None
    public_url: str
    live_url: str
    """Where WebSockets of live updates are opened, by a ticket: `wss://…/live`."""
    link_keys_secret: str
    machine_arn_prefix: str
    membership_claim: str
    identity_url: str
    """Where the stack's own users sign in (Amazon Cognito's endpoint); empty where another issuer signs people in."""
    user_pool_client_id: str
    """Of the stack's own user pool; empty with another issuer."""
    job_type: str
    """The type whose jobs this function works on; of processors only."""
    lease: timedelta
    lease_renewal: timedelta
    progress_interval: timedelta
    slice: timedelta
    run_limit: timedelta
    run_limits: Mapping[str, timedelta]
    """Of job types that have a limit of their own."""
    start_grace: timedelta
    retry_after: timedelta
    upload_form: timedelta
    upload_retention: timedelta
    live_ticket: timedelta
    """Within which a ticket must open its WebSocket."""
    report_link: timedelta
    """Of a presigned URL, made afresh at each use."""
    link_lifetime: timedelta
    """Of a link that is given to others."""
    job_retention: timedelta
    retentions: Mapping[str, timedelta]
    """Of job types that are kept for a time of their own."""
    tombstone: timedelta
    idempotency: timedelta
    upload_max_bytes: int
    max_waiting_jobs: int
    http_test_hosts: frozenset[str]
    """The hosts that test runs may ask, as the operator listed them."""
    images_over_http: bool
    """Whether images may be downloaded over http too."""
    tasks_bucket: str
    event_bus: str
    """Where jobs are announced: the stack's name."""
    announcements_queue_url: str
    """Where announcements wait that the bus did not take."""
    schedule_group: str
    """Of the tasks' schedules in EventBridge: the stack's name."""
    task_grace: timedelta
    """By how much a task's slot or run may be late before it counts as that."""
    fresh_for: Mapping[str, timedelta]
    """How old the data of some tasks may become before it counts as late."""
    peers_secret: str
    """The secret with the peers that tasks ask; empty if there are none."""
    private_peer_hosts: frozenset[str]
    """Of these peers, the hosts that are not public, as the operator listed them."""
    sms_sending: bool
    """Whether text messages are sent, and not only counted."""
    sms_text: str

    def run_limit_of(self, job_type: str) -> timedelta:
        """The working time of a run of this type, where its caller asks for no other."""
        return self.run_limits.get(job_type, self.run_limit)

    def retention_of(self, job_type: str) -> timedelta:
        """How long a job of this type is kept after its end."""
        return self.retentions.get(job_type, self.job_retention)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables; a name that a function does not use may be missing.

    Raises ValueError for a duration or bound that is not a whole number.
    """

    def seconds(name: str, default: int) -> timedelta:
        return timedelta(seconds=int(environment.get(name, default)))

    def days(name: str, default: int) -> timedelta:
        return timedelta(days=int(environment.get(name, default)))

    return Settings(
        table=environment.get("TABLE", ""),
        starts_queue_url=environment.get("STARTS_QUEUE_URL", ""),
        uploads_bucket=environment.get("UPLOADS_BUCKET", ""),
        datasets_bucket=environment.get("DATASETS_BUCKET", ""),
        reports_bucket=environment.get("S3_REPORTS_BUCKET", ""),
        s3_endpoint=environment.get("S3_ENDPOINT") or None,
        s3_accelerated_endpoint=environment.get("S3_ACCELERATED_ENDPOINT") or None,
        s3_region=environment.get("S3_REGION") or environment.get("AWS_REGION"),
        public_url=environment.get("PUBLIC_URL", "").rstrip("/"),
        live_url=environment.get("LIVE_URL", ""),
        link_keys_secret=environment.get("LINK_KEYS_SECRET", ""),
        machine_arn_prefix=environment.get("MACHINE_ARN_PREFIX", ""),
        job_type=environment.get("JOB_TYPE", ""),
        membership_claim=environment.get("MEMBERSHIP_CLAIM", "cognito:groups"),
        identity_url=environment.get("IDENTITY_URL", ""),
        user_pool_client_id=environment.get("USER_POOL_CLIENT_ID", ""),
        lease=seconds("LEASE_SECONDS", 120),
        lease_renewal=seconds("LEASE_RENEWAL_SECONDS", 30),
        progress_interval=seconds("PROGRESS_SECONDS", 1),
        slice=seconds("SLICE_SECONDS", 600),
        run_limit=seconds("RUN_LIMIT_SECONDS", 600),
        run_limits={"Custom": timedelta(days=1)} | _each(environment, RUN_LIMIT_OF, timedelta(seconds=1)),
        start_grace=seconds("START_GRACE_SECONDS", 60),
        retry_after=seconds("RETRY_AFTER_SECONDS", 2),
        upload_form=seconds("UPLOAD_FORM_SECONDS", 3600),
        upload_retention=days("UPLOAD_RETENTION_DAYS", 15),
        live_ticket=seconds("LIVE_TICKET_SECONDS", 60),
        report_link=seconds("REPORT_LINK_SECONDS", 300),
        link_lifetime=days("LINK_DAYS", 7),
        job_retention=days("JOB_RETENTION_DAYS", 30),
        retentions=_each(environment, RETENTION_OF, timedelta(hours=1)),
        tombstone=days("TOMBSTONE_DAYS", 30),
        idempotency=seconds("IDEMPOTENCY_SECONDS", 86_400),
        upload_max_bytes=int(environment.get("UPLOAD_MAX_BYTES", 1_073_741_824)),
        max_waiting_jobs=int(environment.get("MAX_WAITING_JOBS", 10_000)),
        http_test_hosts=_hosts(environment.get("HTTP_TEST_HOSTS", "")),
        images_over_http=environment.get("IMAGES_OVER_HTTP") == "true",
        tasks_bucket=environment.get("TASKS_BUCKET", ""),
        event_bus=environment.get("EVENT_BUS", ""),
        announcements_queue_url=environment.get("ANNOUNCEMENTS_QUEUE_URL", ""),
        schedule_group=environment.get("SCHEDULE_GROUP", ""),
        task_grace=seconds("TASK_GRACE_SECONDS", 600),
        fresh_for=_each(environment, FRESH_OF, timedelta(minutes=1)),
        peers_secret=environment.get("PEERS_SECRET", ""),
        private_peer_hosts=_hosts(environment.get("PRIVATE_PEER_HOSTS", "")),
        sms_sending=environment.get("SMS_SENDING") == "On",
        sms_text=environment.get("SMS_TEXT", ""),
    )


def _each(environment: Mapping[str, str], prefix: str, unit: timedelta) -> dict[str, timedelta]:
    """What variables of this prefix say, by the rest of their names; 0 is as good as none."""
    given = ((name.removeprefix(prefix), value) for name, value in environment.items() if name.startswith(prefix))
    return {name: int(value) * unit for name, value in given if value != "0"}


def _hosts(listed: str) -> frozenset[str]:
    return frozenset(listed.replace(",", " ").split())


@cache
def settings() -> Settings:
    """This process's settings, read once."""
    return read_settings(os.environ)
