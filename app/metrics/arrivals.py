"""The metrics of time: how long a leg takes, and how old is what has not arrived."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.exceptions.open_rows import ASKED, columns, grouping, narrowed, open_rows
from app.metrics import sheets
from app.metrics.freshness import read_ages, unknown
from app.metrics.metric import Answer, Asked, Group, Metric
from app.series.maths import UNTIMED, quantile
from app.series.query import Sums, Wanted, sum_windows

NOTHING_ARRIVED = "nothing arrived in the window"


def ask_latency(session: Session, asked: Asked) -> list[Answer]:
    """Read quantiles of the legs that ended in the window from their merged histograms."""
    wanted = Wanted("reached", asked.by, tuple(asked.where.items()), with_buckets=True)
    sums = sum_windows(session, wanted, asked.windows)
    ages = read_ages(session, asked.at)
    return [_latency(at, one, age, asked.by) for at, one, age in zip(asked.at, sums, ages, strict=True)]


def _latency(at: datetime, sums: Sums, age: float | None, by: tuple[str, ...]) -> Answer:
    total: Counter[int] = Counter()
    groups: dict[tuple[str, ...], Counter[int]] = {}
    for (key, bucket), count in sums.items():
        if bucket == UNTIMED:
            continue
        total[bucket] += count
        groups.setdefault(key, Counter())[bucket] += count
    if not total:
        return unknown(at, NOTHING_ARRIVED, age)
    parts = [_quantiles(dict(zip(by, key, strict=True)), counts) for key, counts in sorted(groups.items())]
    whole = _quantiles({}, total)
    return Answer(at, whole.value, data_age_seconds=age, groups=tuple(parts) if by else (), extra=whole.extra)


def _quantiles(by: Mapping[str, str], counts: Mapping[int, int]) -> Group:
    p50, p95, p99 = (quantile(counts, share) for share in (0.5, 0.95, 0.99))
    return Group(by, p95, {"p50": p50, "p95": p95, "p99": p99, "count": sum(counts.values())})


def ask_arrivals(session: Session, asked: Asked) -> list[Answer]:
    """Measure the wait of what is overdue and has not arrived."""
    conditions, parameters = narrowed(asked.where)
    sets = f", (asked.place, {grouping(asked.by).rstrip(', ')})" if asked.by else ""
    level = f"GROUPING({grouping(asked.by).rstrip(', ')}) > 0" if asked.by else "true"
    age = "CAST(extract(epoch FROM asked.at - x.started_at) AS double precision)"
    statement = f"""
        SELECT asked.place - 1 AS place, {columns(asked.by)} {level} AS is_total, max({age}) AS oldest,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY {age}) AS median, count(DISTINCT x.journey_id) AS orders
          FROM {ASKED}
         CROSS JOIN LATERAL {open_rows("exceptions")} AS x
          LEFT JOIN causes c ON c.id = x.cause
         WHERE {" AND ".join(["x.kind = 'overdue'", *conditions])}
         GROUP BY GROUPING SETS ((asked.place) {sets})
    """
    totals: dict[int, Group] = {}
    groups: list[list[Group]] = [[] for _ in asked.at]
    for row in session.execute(text(statement), {"ats": list(asked.at), **parameters}).mappings():
        extra: dict[str, Any] = {"median": row["median"], "orders": row["orders"]}
        if row["is_total"]:
            totals[row["place"]] = Group({}, row["oldest"], extra)
        else:
            groups[row["place"]].append(Group({name: row[name] for name in asked.by}, row["oldest"], extra))
    ages = read_ages(session, asked.at)
    return [_arrival(at, totals.get(n), groups[n], ages[n]) for n, at in enumerate(asked.at)]


def _arrival(at: datetime, total: Group | None, groups: list[Group], age: float | None) -> Answer:
    if total is None:
        extra = {"median": None, "orders": 0, "reason": "nothing is overdue"}
        return unknown(at) if age is None else Answer(at, None, data_age_seconds=age, extra=extra)
    ranked = sorted(groups, key=lambda group: (-(group.value or 0), tuple(group.by.values())))
    return Answer(at, total.value, data_age_seconds=age, groups=tuple(ranked), extra=total.extra)


_LATE = ("step", "channel", "cause", "owner")
METRICS = (
    Metric("latency", "seconds", ("step", "channel"), timedelta(hours=1), sheets.LATENCY, ask_latency),
    Metric("arrivals.age", "seconds", _LATE, timedelta(0), sheets.ARRIVALS_AGE, ask_arrivals),
)
