"""The metric of silence: how long ago each connector last said anything."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.metrics import sheets
from app.metrics.freshness import unknown
from app.metrics.metric import Answer, Asked, Group, Metric
from app.series.query import Key, Wanted, last_seen

NOBODY = "no connector was seen in the window"


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


METRICS = (
    Metric(
        "connector.last_seen",
        "seconds",
        ("connector", "channel", "system"),
        timedelta(days=7),
        sheets.LAST_SEEN,
        ask_last_seen,
    ),
)
