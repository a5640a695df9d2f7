"""The metrics of connectors: how long ago each last said anything, and how wrong its clock is."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.metrics import sheets
from app.metrics.freshness import unknown
from app.metrics.metric import Answer, Asked, Group, Metric
from app.series.query import Key, Wanted, last_seen

NOBODY = "no connector was seen in the window"
NOT_MEASURED = "no clock was measured in the window"


def ask_last_seen(session: Session, asked: Asked) -> list[Answer]:
    """Find the longest silence among connectors that spoke within the window."""
    by = asked.by if "connector" in asked.by else (*asked.by, "connector")
    wanted = Wanted("events", by, tuple(asked.where.items()), with_pulses=True)
    seen = last_seen(session, wanted, asked.at)
    return [_answer(at, one, by, asked) for at, one in zip(asked.at, seen, strict=True)]


def _answer(at: datetime, seen: dict[Key, datetime], by: tuple[str, ...], asked: Asked) -> Answer:
    place = by.index("connector")
    heard = {key: moment for key, moment in seen.items() if key[place] and moment > at - asked.window}
    if not heard:
        return unknown(at, NOBODY)
    silences: dict[Key, datetime] = {}
    connectors: dict[str, datetime] = {}
    for key, moment in heard.items():
        connectors[key[place]] = max(moment, connectors.get(key[place], moment))
        part = key[: len(asked.by)]
        silences[part] = min(moment, silences.get(part, moment))
    groups = [_group(dict(zip(asked.by, key, strict=True)), at, moment) for key, moment in silences.items()]
    ranked = sorted(groups, key=lambda group: (-(group.value or 0), tuple(group.by.values()))) if asked.by else []
    quietest = min(connectors.values())
    age = (at - max(heard.values())).total_seconds()
    return Answer(at, (at - quietest).total_seconds(), data_age_seconds=age, groups=tuple(ranked))


def _group(by: dict[str, str], at: datetime, moment: datetime) -> Group:
    return Group(by, (at - moment).total_seconds(), {"seen_at": moment})


_SKEWS = text("""
    SELECT asked.place - 1 AS place, s.connector, s.seconds, s.at, s.events
      FROM unnest(CAST(:ats AS timestamptz[])) WITH ORDINALITY AS asked(at, place)
     CROSS JOIN LATERAL (
         SELECT DISTINCT ON (connector) connector, seconds, at, events FROM clock_skews
          WHERE clock_skews.at > asked.at - :back AND clock_skews.at <= asked.at
          ORDER BY connector, at DESC) AS s
     WHERE CAST(:only AS text) IS NULL OR s.connector = :only
     ORDER BY place, abs(s.seconds) DESC, s.connector
""")


def ask_clock_skew(session: Session, asked: Asked) -> list[Answer]:
    """Read how far the clock of each connector is from ours; the one furthest off leads."""
    only = asked.where.get("connector")
    groups: list[list[Group]] = [[] for _ in asked.at]
    for row in session.execute(_SKEWS, {"ats": list(asked.at), "back": asked.window, "only": only}):
        extra = {"measured_at": row.at, "events": row.events}
        groups[row.place].append(Group({"connector": row.connector}, row.seconds, extra))
    return [_skew(at, found, asked.by) for at, found in zip(asked.at, groups, strict=True)]


def _skew(at: datetime, found: list[Group], by: tuple[str, ...]) -> Answer:
    if not found:
        return unknown(at, NOT_MEASURED)
    age = (at - max(group.extra["measured_at"] for group in found)).total_seconds()
    return Answer(at, found[0].value, data_age_seconds=age, groups=tuple(found) if by else ())


METRICS = (
    Metric("connector.clock_skew", "seconds", ("connector",), timedelta(days=1), sheets.CLOCK_SKEW, ask_clock_skew),
    Metric(
        "connector.last_seen",
        "seconds",
        ("connector", "channel", "system"),
        timedelta(days=7),
        sheets.LAST_SEEN,
        ask_last_seen,
    ),
)
