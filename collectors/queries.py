"""Connectors with their health and queues with their drain, as of a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.metrics.catalogue import ask, ask_series
from app.metrics.metric import Answer, Group
from collectors.health import ConnectorRow, QueueRow
from collectors.rules import Cadence, judge_connector, judge_queue, learn_cadence

HOUR = timedelta(hours=1)
CHART_POINTS = 48

# Of each series the latest minutes suffice: the latest of a connector are among the latest of its series.
_MINUTES = text("""
    SELECT s.connector, array_agg(DISTINCT latest.at ORDER BY latest.at DESC) AS minutes
      FROM series s
     CROSS JOIN LATERAL (
         SELECT r.at FROM rollups r
          WHERE r.series_id = s.id AND r.grain = 60 AND r.at <= :at AND r.count > 0
          ORDER BY r.at DESC LIMIT 60) AS latest
     WHERE s.metric = 'events' AND s.connector <> ''
     GROUP BY s.connector
""")
_LEARNT_FROM = 60


Depths = dict[str, list[tuple[datetime, float | None]]]


def list_connectors(session: Session, at: datetime) -> list[ConnectorRow]:
    """List every connector seen in the week before, the worst first."""
    seen = ask(session, "connector.last_seen", at, by=("connector",))
    traffic = _by(ask(session, "throughput", at, window=HOUR, by=("connector",)), "connector")
    failures = _by(ask(session, "failure.rate", at, window=HOUR, by=("connector",)), "connector")
    clocks = _by(ask(session, "connector.clock_skew", at, by=("connector",)), "connector")
    minutes = {row.connector: row.minutes[:_LEARNT_FROM] for row in session.execute(_MINUTES, {"at": at})}
    rows = [
        _connector(
            group, traffic, failures, clocks, learn_cadence(list(reversed(minutes.get(group.by["connector"], []))))
        )
        for group in seen.groups
    ]
    return sorted(rows, key=lambda row: (row.lamp.rank, row.name))


def list_queues(session: Session, at: datetime) -> list[QueueRow]:
    """List every queue sampled in the week before, the worst first, then the deepest."""
    drains = ask(session, "queue.drain_time", at, by=("queue",))
    depths = _by(ask(session, "queue.depth", at, by=("queue", "broker")), "queue")
    rows = [_queue(group, depths[group.by["queue"]]) for group in drains.groups if group.by["queue"] in depths]
    return sorted(rows, key=lambda row: (row.lamp.rank, -(row.depth or 0), row.name))


def chart_depths(session: Session, at: datetime, window: timedelta) -> Depths:
    """Read the depth of each queue at even steps through the window; a hole where nothing recent was known."""
    ats = [at - window + window * step / CHART_POINTS for step in range(CHART_POINTS + 1)]
    answers = ask_series(session, "queue.depth", ats, by=("queue",))
    names = sorted({group.by["queue"] for answer in answers for group in answer.groups})
    points = [(answer.at, {group.by["queue"]: group.value for group in answer.groups}) for answer in answers]
    return {name: [(moment, depths.get(name)) for moment, depths in points] for name in names}


def _by(answer: Answer, dimension: str) -> dict[str, Group]:
    return {group.by[dimension]: group for group in answer.groups}


def _connector(
    seen: Group,
    traffic: Mapping[str, Group],
    failures: Mapping[str, Group],
    clocks: Mapping[str, Group],
    cadence: Cadence | None,
) -> ConnectorRow:
    name = seen.by["connector"]
    passed, failing = traffic.get(name), failures.get(name)
    attempts, failed, retries = (
        int(failing.extra.get(figure, 0)) if failing else 0 for figure in ("attempts", "failed", "retrying")
    )
    silence = float(seen.value or 0)
    return ConnectorRow(
        name=name,
        lamp=judge_connector(silence, cadence, attempts, failed),
        seen_at=seen.extra["seen_at"],
        silence_seconds=silence,
        cadence=cadence,
        events=int(passed.extra["count"]) if passed else 0,
        attempts=attempts,
        failed=failed,
        retries=retries,
        failure_rate=failing.value if failing else None,
        clock_ahead_seconds=clocks[name].value if name in clocks else None,
    )


def _queue(drain: Group, depth: Group) -> QueueRow:
    waiting = None if depth.value is None else int(depth.value)
    is_endless = drain.extra["reason"] == "never"
    dead_letters, consumers = depth.extra["dead_letters"], depth.extra["consumers"]
    return QueueRow(
        name=drain.by["queue"],
        broker=depth.by["broker"],
        lamp=judge_queue(waiting, drain.value, is_endless=is_endless, dead_letters=dead_letters, consumers=consumers),
        depth=waiting,
        oldest_seconds=depth.extra["oldest_seconds"],
        arrival=drain.extra["arrival_per_minute"],
        service=drain.extra["service_per_minute"],
        drain_seconds=drain.value,
        drain_low=drain.extra["low"],
        drain_high=drain.extra["high"],
        is_endless=is_endless,
        dead_letters=dead_letters,
        consumers=consumers,
        sampled_at=depth.extra["sampled_at"],
    )
