"""Reads of the jobs that take refusals in again: those under way, and those that ended lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.admin.commands import RETAKE
from app.admin.set_aside import group_href
from app.events.quarantine import Group
from app.models.operations import LongJob

SHOWN_FOR = timedelta(hours=12)
MOST_SHOWN = 6
WORDS = {
    "waiting": ("quiet", "Waiting"),
    "running": ("quiet", "Running"),
    "done": ("ok", "Done"),
    "cancelled": ("quiet", "Cancelled"),
}


@dataclass(frozen=True, slots=True)
class Retake:
    """One job: how far it is, and what came of it."""

    id: UUID
    group: Group
    state: str
    total: int
    worked: int
    good: int
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None

    @property
    def level(self) -> str:
        """The state as pages show it."""
        if self.state == "done" and self.good < self.worked:
            return "watch"
        return WORDS[self.state][0]

    @property
    def word(self) -> str:
        """The state in a word."""
        return WORDS[self.state][1]

    @property
    def href(self) -> str:
        """The page of the group that it works on."""
        return group_href(self.group)


def list_retakes(session: Session, now: datetime) -> list[Retake]:
    """List the jobs, the latest first."""
    job = LongJob
    columns = (job.state, job.total, job.worked, job.good, job.asked_by, job.asked_at, job.finished_at)
    is_shown = or_(job.finished_at.is_(None), job.finished_at > now - SHOWN_FOR)
    wanted = select(job.id, job.subject, *columns).where(job.kind == RETAKE, is_shown)
    rows = session.execute(wanted.order_by(job.asked_at.desc(), job.id).limit(MOST_SHOWN))
    return [Retake(row[0], Group.of(row[1]), *row[2:]) for row in rows]
