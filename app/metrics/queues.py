"""The metrics of queues: how deep they are, and how long until they are empty."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.metrics import sheets
from app.metrics.drain import NEVER, STALE_AFTER, Drain, Rates, Sample, drain_time, measure_rates
from app.metrics.freshness import unknown
from app.metrics.metric import Answer, Asked, Group, Metric

DIMENSIONS = ("queue", "broker")
FORGOTTEN_AFTER = timedelta(days=7)
NO_SAMPLES, ALL_STALE = "no samples yet", "no recent sample"

# The names by skipping through the primary key; of each the samples of the span, and the last one before it.
_SAMPLES = text("""
    WITH RECURSIVE names AS (
        (SELECT queue FROM queue_samples ORDER BY queue LIMIT 1)
        UNION ALL
        SELECT (SELECT q.queue FROM queue_samples q WHERE q.queue > names.queue ORDER BY q.queue LIMIT 1)
          FROM names WHERE names.queue IS NOT NULL)
    SELECT q.queue, coalesce(q.broker, '') AS broker, q.at, q.depth, q.in_flight, q.oldest_seconds, q.published,
           q.consumed, q.dead_letters, q.consumers
      FROM names CROSS JOIN LATERAL (
           (SELECT * FROM queue_samples b WHERE b.queue = names.queue AND b.at <= :since ORDER BY b.at DESC LIMIT 1)
           UNION ALL
           SELECT * FROM queue_samples i WHERE i.queue = names.queue AND i.at > :since AND i.at <= :until) AS q
     WHERE names.queue IS NOT NULL
     ORDER BY q.queue, q.at
""")


def ask_depth(session: Session, asked: Asked) -> list[Answer]:
    """Add up the latest samples."""
    return [_depth(at, found, asked.by) for at, found in _samples(session, asked)]


def ask_drain(session: Session, asked: Asked) -> list[Answer]:
    """Say when the slowest queue will be empty."""
    return [_drains(at, found, asked) for at, found in _samples(session, asked)]


def _samples(session: Session, asked: Asked) -> list[tuple[datetime, list[list[Sample]]]]:
    """Give each asked time the samples of each queue up to then."""
    span = {"since": min(asked.at) - asked.window, "until": max(asked.at)}
    queues: dict[str, list[Sample]] = {}
    for row in session.execute(_SAMPLES, span):
        sample = Sample(*row)
        if all(getattr(sample, name) == value for name, value in asked.where.items()):
            queues.setdefault(sample.queue, []).append(sample)
    return [(at, [past for queue in queues.values() if (past := _until(queue, at))]) for at in asked.at]


def _until(samples: Sequence[Sample], at: datetime) -> list[Sample]:
    past = samples[: bisect_right(samples, at, key=lambda sample: sample.at)]
    return list(past) if past and at - past[-1].at <= FORGOTTEN_AFTER else []


def _depth(at: datetime, queues: Sequence[Sequence[Sample]], by: tuple[str, ...]) -> Answer:
    if not queues:
        return unknown(at, NO_SAMPLES)
    latest = [samples[-1] for samples in queues]
    known = [sample for sample in latest if _known_depth(sample, at) is not None]
    age = (at - max(sample.at for sample in latest)).total_seconds()
    groups = tuple(_depth_group(part, at) for part in _parts(latest, by))
    value = sum(sample.depth or 0 for sample in known) if known else None
    extra = {} if known else {"reason": ALL_STALE}
    return Answer(at, value, None, None, len(known) / len(latest), age, groups, extra)


def _depth_group(part: tuple[Mapping[str, str], list[Sample]], at: datetime) -> Group:
    by, samples = part
    depths = [_known_depth(sample, at) for sample in samples]
    known = [depth for depth in depths if depth is not None]
    extra: dict[str, Any] = {
        "sampled_at": max(sample.at for sample in samples),
        "oldest_seconds": max((one.oldest_seconds for one in samples if one.oldest_seconds is not None), default=None),
    }
    for name in ("in_flight", "dead_letters", "consumers"):
        told = [getattr(sample, name) for sample in samples if getattr(sample, name) is not None]
        extra[name] = sum(told) if told else None
    return Group(by, sum(known) if known else None, extra | ({} if known else {"reason": ALL_STALE}))


def _drains(at: datetime, queues: Sequence[Sequence[Sample]], asked: Asked) -> Answer:
    if not queues:
        return unknown(at, NO_SAMPLES)
    drains: list[tuple[Sample, Drain, Rates]] = []
    for samples in queues:
        rates = measure_rates(samples, at - asked.window)
        drains.append((samples[-1], drain_time(_known_depth(samples[-1], at), rates), rates))
    age = (at - max(sample.at for sample, _, _ in drains)).total_seconds()
    worst = _worst([drain for _, drain, _ in drains])
    coverage = sum(drain.seconds is not None or drain.reason == NEVER for _, drain, _ in drains) / len(drains)
    groups = tuple(_drain_group(sample, drain, rates, asked.by, at) for sample, drain, rates in drains)
    extra = {"reason": worst.reason} if worst.reason else {}
    return Answer(at, worst.seconds, worst.low, worst.high, coverage, age, groups if asked.by else (), extra)


def _worst(drains: Sequence[Drain]) -> Drain:
    """Never is worse than unknown, unknown worse than any time."""
    return max(drains, key=lambda drain: (drain.reason == NEVER, drain.seconds is None, drain.seconds or 0.0))


def _drain_group(sample: Sample, drain: Drain, rates: Rates, by: tuple[str, ...], at: datetime) -> Group:
    extra = {
        "low": drain.low,
        "high": drain.high,
        "reason": drain.reason,
        "depth": _known_depth(sample, at),
        "arrival_per_minute": rates.arrival,
        "service_per_minute": rates.service,
    }
    return Group({name: getattr(sample, name) for name in by}, drain.seconds, extra)


def _known_depth(sample: Sample, at: datetime) -> int | None:
    return sample.depth if at - sample.at <= STALE_AFTER else None


def _parts(latest: Sequence[Sample], by: tuple[str, ...]) -> list[tuple[Mapping[str, str], list[Sample]]]:
    if not by:
        return []
    parts: dict[tuple[str, ...], list[Sample]] = {}
    for sample in latest:
        parts.setdefault(tuple(getattr(sample, name) for name in by), []).append(sample)
    return [(dict(zip(by, key, strict=True)), samples) for key, samples in sorted(parts.items())]


METRICS = (
    Metric("queue.depth", "messages", DIMENSIONS, timedelta(minutes=15), sheets.QUEUE_DEPTH, ask_depth),
    Metric("queue.drain_time", "seconds", ("queue",), timedelta(minutes=15), sheets.DRAIN_TIME, ask_drain),
)
