"""Spans and log records that name a milestone → events; all others are counted and left (pure)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from app.core.errors import PayloadError
from app.events.event import Event
from collectors.receivers.business import Amount
from collectors.receivers.native import PREFIX, Envelope, Profile, to_event
from collectors.receivers.otlp_attributes import read_attempt, read_keys
from collectors.receivers.otlp_json import Record, decode
from collectors.receivers.otlp_logs import describe_log, log_places
from collectors.receivers.otlp_metrics import read_metrics
from collectors.receivers.otlp_occurrence import Occurrence
from collectors.receivers.otlp_reading import Reading, Rules, begin, check_record, find_records
from collectors.receivers.otlp_records import LogRecord, Span, to_moment
from collectors.receivers.otlp_signals import METRICS, TRACES, Encoding, Signal
from collectors.receivers.otlp_spans import describe_span, span_places
from collectors.receivers.otlp_told import Place, Told, around_of, tell

NO_MILESTONE, UNKNOWN_MILESTONE = "no milestone", "unknown milestone"

Places = Callable[[Any], Sequence[Place]]
Describe = Callable[[Any, Told], Occurrence]
_SPANS: tuple[Any, Places, Describe] = (Span, span_places, describe_span)
_LOGS: tuple[Any, Places, Describe] = (LogRecord, log_places, describe_log)


def normalise(signal: Signal, encoding: Encoding, body: bytes, rules: Rules, now: datetime) -> Reading:
    """Read one export request; a PayloadError says why nothing in it could be read."""
    reading = begin(signal, rules)
    if signal is METRICS:
        read_metrics(reading, encoding, body, rules, now)
        return reading
    for record in find_records(reading, encoding, body, [f"{rules.prefix}."]):
        _take(reading, record, rules, now)
    return reading


def _take(reading: Reading, record: Record, rules: Rules, now: datetime) -> None:
    record_type, find_places, describe = _SPANS if reading.signal is TRACES else _LOGS
    try:
        read = decode(record_type, record.body)
        told = tell(rules.prefix, find_places(read), around_of(record.scope), around_of(record.resource))
        step = _step(told, reading, rules)
        if step is not None:
            payload = check_record(reading, record)
            reading.events.append(_event(step, told, describe(read, told), payload, rules, now))
    except RecursionError:
        reading.refuse(record, "the record is nested too deeply: send it flatter")
    except PayloadError as error:
        # The native form keeps these under `data`, this one under the prefix.
        reading.refuse(record, error.message.replace("data.", f"{rules.prefix}."))


def _step(told: Told, reading: Reading, rules: Rules) -> str | None:
    """Read the milestone: it must stand on the record, for a resource speaks for all that its process does."""
    step = told.near_retail("milestone")
    if step is None:
        reading.left[NO_MILESTONE] += 1
    elif step not in rules.steps:
        reading.left[UNKNOWN_MILESTONE] += 1
        reading.unknown[step] += 1
    else:
        return step
    return None


def _event(step: str, told: Told, what: Occurrence, payload: bytes, rules: Rules, now: datetime) -> Event:
    keys = read_keys(told)
    if not keys and step.startswith("order."):
        raise PayloadError(f"{step} names no order: add the attribute {rules.prefix}.order.id")
    envelope = Envelope(
        id=what.name,
        source=f"otlp:{told.service}",
        specversion="1.0",
        type=f"{PREFIX}{step}",
        time=to_moment(what.at),
    )
    profile = Profile(
        keys=keys,
        channel=told.retail("channel"),
        system=told.service,
        connector=told.retail("connector") or _connector(told),
        outcome=what.outcome,
        error=what.error,
        attempt=read_attempt(told),
        duration_ms=what.duration_ms,
        amount=_amount(told),
        attributes=what.shown,
    )
    return to_event(envelope, profile, payload, rules.steps, now)


def _connector(told: Told) -> str:
    """A leg is known by the service and the queue; the template, where there is one, for names may be endless."""
    queue = told.text("messaging.destination.template") or told.text("messaging.destination.name")
    return f"{told.service}/{queue}" if queue else told.service


def _amount(told: Told) -> Amount | None:
    value, currency = told.first(f"{told.prefix}.amount.value"), told.retail("amount.currency")
    if value is None and currency is None:
        return None
    return Amount(value, currency)  # type: ignore[arg-type]  # what is no number is refused with its reason
