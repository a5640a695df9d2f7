"""What people do about refusals: have a group taken in again, stop that, or dismiss it with a reason."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.commands import record
from app.core.database import notify
from app.core.errors import ConflictError, NotFoundError, PayloadError
from app.events.quarantine import Group, count_open, settle_group
from app.models.operations import LongJob

RETAKE = "quarantine.retake"
LONGEST_REASON = 500


def request_retake(session: Session, group: Group, *, by: str, at: datetime) -> UUID:
    """Ask the worker to read a group again; asking twice while it is under way is asking once."""
    under_way = select(LongJob).where(LongJob.kind == RETAKE, LongJob.finished_at.is_(None))
    for job in session.scalars(under_way):
        if Group.of(job.subject) == group:
            return job.id
    total = count_open(session, group)
    if not total:
        raise ConflictError("Nothing is left of this group", "It may have been taken in since.")
    job = LongJob(
        id=uuid4(), kind=RETAKE, subject=group.subject(), state="waiting", total=total, asked_by=by, asked_at=at
    )
    session.add(job)
    record(session, by, "quarantine.retaken", group.kind, {"sender": group.sender, "count": total}, at)
    notify(session, "admin")
    return job.id


def cancel_retake(session: Session, job_id: UUID, *, by: str, at: datetime) -> None:
    """Stop after the piece in hand; what was taken in stays taken in."""
    job = session.get(LongJob, job_id, with_for_update=True)
    if job is None or job.kind != RETAKE:
        raise NotFoundError("there is no such job")
    if job.finished_at is None:
        job.state, job.finished_at = "cancelled", at
        record(session, by, "quarantine.retake_cancelled", str(job_id), {"worked": job.worked}, at)
        notify(session, "admin")


def dismiss_group(session: Session, group: Group, why: str, *, by: str, at: datetime) -> int:
    """Close a group without taking it in; the bytes are kept, and the reason is written down."""
    why = why.strip()
    if not why or len(why) > LONGEST_REASON:
        raise PayloadError(
            "Say why these may be dismissed",
            f"One sentence, of {LONGEST_REASON} characters at most, for the audit trail.",
        )
    count = settle_group(session, group, f"dismissed: {why}", by, at)
    if not count:
        raise ConflictError("Nothing is left of this group", "It may have been taken in since.")
    record(session, by, "quarantine.dismissed", group.kind, {"sender": group.sender, "count": count, "why": why}, at)
    notify(session, "admin")
    return count
