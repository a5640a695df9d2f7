"""Takes refusals in again, piece by piece; a piece and its place are one transaction, so a kill costs nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.commands import RETAKE
from app.core.database import notify
from app.events.event import Event
from app.events.inbox import append_events, inbox_length, quarantine
from app.events.quarantine import TAKEN_IN, Group, Kept, Place, restate, settle, take_open
from app.models.operations import LongJob
from app.settings import Settings
from collectors.mappings.queries import Shelf
from collectors.receivers.again import Means, read_again
from collectors.receivers.cloudevents_normalise import Limits
from collectors.receivers.steps import known_steps

PIECE = 300


def work_piece(session: Session, settings: Settings, now: datetime, size: int = PIECE) -> bool:
    """Work the next piece of the oldest job; False when there is none, or the inbox has no room for what it brings."""
    if inbox_length(session) > settings.inbox_limit:
        return False
    wanted = select(LongJob).where(LongJob.kind == RETAKE, LongJob.finished_at.is_(None))
    oldest = wanted.order_by(LongJob.asked_at, LongJob.id).limit(1).with_for_update(skip_locked=True)
    job = session.scalars(oldest).first()
    if job is None:
        return False
    held, place = take_open(session, Group.of(job.subject), _place(job), job.asked_at, size)
    taken = _take_in(session, held, _means(session, settings), job.asked_by, now)
    job.worked += len(held)
    job.good += taken
    if place is None:
        job.state, job.finished_at = "done", now
    else:
        job.state, job.place = "running", {"received_at": place[0].isoformat(), "id": str(place[1])}
    session.flush()
    notify(session, "admin")
    return True


def _take_in(session: Session, held: Sequence[Kept], means: Means, by: str, now: datetime) -> int:
    """Put what reads well into the inbox and settle it; returns how many of `held` were settled."""
    events: list[Event] = []
    settled: list[UUID] = []
    reasons: dict[UUID, str] = {}
    for kept in held:
        reading = read_again(kept, means)
        events += reading.events
        whole = [one for one in reading.refusals if reading.is_unreadable or one.body == kept.body]
        if whole:
            reasons[kept.id] = whole[0].reason
            continue
        # A request that was broken as a whole is now told apart: its bad events are refused by themselves.
        quarantine(session, reading.refusals, kept.door, kept.sender, kept.received_at)
        settled.append(kept.id)
    append_events(session, events, now)
    settle(session, settled, TAKEN_IN, by, now)
    restate(session, reasons)
    return len(settled)


def _means(session: Session, settings: Settings) -> Means:
    limits = Limits(known_steps(settings.flow_dir), settings.max_event_bytes)
    return Means(limits, Shelf().read(session, limits.steps), settings.max_body_bytes, settings.otlp_prefix)


def _place(job: LongJob) -> Place | None:
    if job.place is None:
        return None
    return datetime.fromisoformat(job.place["received_at"]), UUID(job.place["id"])
