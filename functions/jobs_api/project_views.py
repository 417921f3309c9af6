"""What callers get of projects beside their names and counts: what ended lately, and which are theirs."""

from collections.abc import Iterable
from typing import Self

from jobmill.callers import Caller, Role
from jobmill.projects.activity import Activity
from jobmill.projects.project import Project
from jobs_api.views import Moment, View


class HourView(View):
    """How many jobs ended in the hour that begins at `startsAt`."""

    starts_at: Moment
    completed: int
    failed: int
    cancelled: int


class ActivityView(View):
    """The last 24 whole hours and the running one, oldest first; if a job waits, `oldestQueuedAt` is since when."""

    hours: list[HourView]
    oldest_queued_at: Moment | None = None

    @classmethod
    def of(cls, activity: Activity) -> Self:
        """The view of this activity."""
        hours = [
            HourView(starts_at=hour.starts_at, **{status.lower(): number for status, number in hour.ended.items()})
            for hour in activity.hours
        ]
        return cls(hours=hours, oldest_queued_at=activity.oldest_queued_at)


class MembershipView(View):
    """A project of the caller's, and what the caller may do there."""

    id: str
    name: str
    role: Role


class MeView(View):
    """Who calls, and its projects by name."""

    id: str
    name: str
    is_admin: bool
    projects: list[MembershipView]

    @classmethod
    def of(cls, caller: Caller, projects: Iterable[Project]) -> Self:
        """The view of a caller who is a member of these projects."""
        memberships = [
            MembershipView(id=each.id, name=each.name, role=Role.WRITER if caller.may_write(each.id) else Role.READER)
            for each in sorted(projects, key=lambda project: (project.name.casefold(), project.id))
        ]
        return cls(id=caller.id, name=caller.name, is_admin=caller.is_admin, projects=memberships)
