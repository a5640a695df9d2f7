"""The native event profile: the shape that a CloudEvent must have, and what it becomes (pure)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta, Struct

from app.core.errors import PayloadError
from app.core.ids import event_uid
from app.events.event import OUTCOMES, Event, Line
from collectors.receivers.business import Amount, KeyValue, LineItem, read_amount, read_keys, read_lines

PREFIX = "retail."
MAX_NAME = 1_000
MAX_WORD = 200
MAX_ERROR = 2_000
EARLIEST_YEAR = 2000
FURTHEST_AHEAD = timedelta(days=731)

Moment = Annotated[datetime, Meta(tz=True)]


class Fault(Struct, frozen=True, gc=False):
    """Why an attempt failed, in two parts."""

    code: str | int | None = None
    message: str | None = None


class Profile(Struct, frozen=True, gc=False):
    """What `data` of a native event may say; anything else in it is kept with the payload."""

    keys: dict[str, KeyValue | list[KeyValue]] | None = None
    channel: str | None = None
    system: str | None = None
    connector: str | None = None
    outcome: str | None = None
    error: str | Fault | None = None
    attempt: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    duration_ms: Annotated[int, Meta(ge=0, le=10**12)] | Annotated[float, Meta(ge=0, le=1e12)] | None = None
    amount: Amount | None = None
    promised_at: Moment | None = None
    lines: list[LineItem] | None = None
    attributes: dict[str, Any] | None = None


class Envelope(Struct, frozen=True, gc=False):
    """The attributes of CloudEvents 1.0 that the tower reads; null is the same as absent."""

    id: str | None = None
    source: str | None = None
    specversion: str | None = None
    type: str | None = None
    subject: str | None = None
    time: Moment | None = None
    data: Profile | None = None
    data_base64: str | None = None


_NOTHING = Profile()


def to_event(
    envelope: Envelope, profile: Profile | None, payload: bytes, steps: frozenset[str], now: datetime
) -> Event:
    """Turn a CloudEvent into an Event, or raise a PayloadError that says what to mend."""
    event_id, source = _required(envelope)
    step = _step(envelope.type, steps)
    profile = profile or _NOTHING
    minor, currency = read_amount(profile.amount)
    subject = _short(envelope.subject, "subject", MAX_NAME)
    # By place: Python makes a dict first of more than fifteen named arguments, which takes longer than the rest.
    return Event(
        event_uid(source, event_id),
        source,
        event_id,
        step,
        _checked(envelope.time, "time", now) or now,
        now,
        envelope.time is not None,
        read_keys(profile.keys, subject, step),
        subject,
        _short(profile.channel, "data.channel"),
        _short(profile.system, "data.system"),
        _short(profile.connector, "data.connector"),
        _outcome(profile.outcome),
        _error(profile.error),
        1 if profile.attempt is None else profile.attempt,
        None if profile.duration_ms is None else round(profile.duration_ms),
        minor,
        currency,
        _checked(profile.promised_at, "data.promised_at", now),
        _lines(profile.lines, currency),
        _packable(profile.attributes) if profile.attributes else {},
        payload,
    )


def _required(envelope: Envelope) -> tuple[str, str]:
    event_id, source = envelope.id, envelope.source
    if not event_id or not source or not event_id.strip() or not source.strip():
        missing = "source" if event_id and event_id.strip() else "id"
        raise PayloadError(f"{missing} is missing: every CloudEvent needs id, source, specversion and type")
    if envelope.specversion != "1.0":
        found = f"is {envelope.specversion!r:.40}" if envelope.specversion else "is missing"
        raise PayloadError(f"specversion {found}: send CloudEvents 1.0")
    if len(event_id) > MAX_NAME or len(source) > MAX_NAME:
        raise PayloadError(f"id or source is longer than {MAX_NAME:,} characters: name the event by something shorter")
    return event_id, source


def _step(event_type: str | None, steps: frozenset[str]) -> str:
    if not event_type:
        raise PayloadError("type is missing: write 'retail.' and the step, such as 'retail.order.placed'")
    step = event_type.removeprefix(PREFIX)
    if step == event_type or step not in steps:
        raise PayloadError(_unknown_step(event_type[:MAX_WORD], steps))
    return step


@lru_cache(maxsize=1024)
def _unknown_step(event_type: str, steps: frozenset[str]) -> str:
    # A typing error leaves one end as it was; looking at every step costs too much where all are wrong.
    alike = (PREFIX + step for step in steps if step[:3] in event_type[:20] or event_type.endswith(step[-4:]))
    meant = get_close_matches(event_type, sorted(alike), n=1)
    advice = f"did you mean {meant[0]!r}?" if meant else "declare the step in a flow, or send one of the native steps"
    return f"unknown step {event_type!r}: {advice}"


def _checked(moment: datetime | None, name: str, now: datetime) -> datetime | None:
    if moment is None:
        return None
    # The year goes first: at the ends of the calendar a conversion to UTC overflows.
    if moment.year < EARLIEST_YEAR or moment.year > now.year + 3 or moment > now + FURTHEST_AHEAD:
        raise PayloadError(f"{name} {moment.isoformat()} is before 2000 or over two years ahead: check the clock")
    return moment.astimezone(UTC)


def _short(word: str | None, name: str, limit: int = MAX_WORD) -> str | None:
    word = word.strip() if word else None
    if word and len(word) > limit:
        raise PayloadError(f"{name} is longer than {limit:,} characters: send its short name")
    return word or None


def _outcome(outcome: str | None) -> str:
    if outcome is not None and outcome not in OUTCOMES:
        meant = get_close_matches(outcome[:MAX_WORD], OUTCOMES, n=1)
        advice = f" (did you mean {meant[0]!r}?)" if meant else ""
        raise PayloadError(f"unknown outcome {outcome[:40]!r}{advice}: use one of {', '.join(OUTCOMES)}")
    return outcome or "ok"


def _error(error: str | Fault | None) -> str | None:
    if error is None:
        return None
    if isinstance(error, Fault):
        error = ": ".join(str(part).strip() for part in (error.code, error.message) if part is not None)
    return error.strip()[:MAX_ERROR] or None


def _lines(lines: list[LineItem] | None, currency: str | None) -> tuple[Line, ...]:
    return read_lines(lines, currency) if lines else ()


def _packable(value: Any) -> Any:
    """Write integers of more than 64 bits as text, for the inbox cannot hold them."""
    if isinstance(value, Mapping):
        return {key: _packable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_packable(inner) for inner in value]
    is_huge = isinstance(value, int) and not -(2**63) <= value < 2**63
    return str(value) if is_huge else value
