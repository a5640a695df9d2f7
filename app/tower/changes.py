"""What changed within the window, newest first: silence, broken rates, alerts, queues and new causes (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from markupsafe import Markup

from app.exceptions.names import counted
from app.exceptions.queries import ExceptionGroup
from app.metrics.metric import Answer
from app.tower.links import cause_link
from app.tower.readings import AlertChange, Beats
from app.tower.rules import DEEP
from app.web.filters import duration, percent
from app.web.frame import Frame

MOST = 8
MOST_CAUSES = 3
FEWEST = 20  # attempts of a bucket before its rate is compared
MANY = 60  # before its traffic is: a dozen orders make so many
JUST_BEFORE = 3  # buckets that say what it was before a jump
BROKEN_FAILURES = 0.20  # above the usual share
BROKEN_TRAFFIC = 3.0  # times the usual number of attempts, or a third of it


@dataclass(frozen=True, slots=True)
class Change:
    """One row: when, how loud, and what; its text may carry emphasis."""

    at: datetime
    level: str
    glyph: str
    text: Markup
    href: str


def changes_of(
    beats: Beats,
    connectors: Sequence[Answer],
    alerts: Iterable[AlertChange],
    depths: Sequence[Answer],
    groups: Sequence[ExceptionGroup],
    at: datetime,
    window: timedelta,
    frame: Frame,
) -> list[Change]:
    """Gather everything and keep the newest."""
    found = [
        *_silences(beats, at, frame),
        *_broken_rates(connectors, frame),
        *_alerts(alerts, frame),
        *_queues(depths, frame),
        *_causes(groups, at - window, frame),
    ]
    return sorted(found, key=lambda change: (change.at, change.text), reverse=True)[:MOST]


def _silences(beats: Beats, at: datetime, frame: Frame) -> Iterator[Change]:
    for connector in sorted(beats.silent):
        seen = beats.seen[connector]
        text = Markup("<b>{}</b> went quiet, {} now").format(connector, duration(at - seen))
        yield Change(seen, "unknown", "unknown", text, frame.link("/connectors"))


def _broken_rates(answers: Sequence[Answer], frame: Frame) -> Iterator[Change]:
    """Compare the last bucket of each connector with the median of all, and find since when it has differed."""
    names = sorted({group.by["connector"] for answer in answers for group in answer.groups if group.by["connector"]})
    for name in names:
        attempts = [_of(answer, name, "attempts") for answer in answers]
        failed = [_of(answer, name, "failed") for answer in answers]
        shares = [part / whole if whole >= FEWEST else None for part, whole in zip(failed, attempts, strict=True)]
        known = [share for share in shares if share is not None]
        usual = median(known) if known else 0.0
        since = _broke([share is not None and share > usual + BROKEN_FAILURES for share in shares])
        if since is not None:
            text = Markup("<b>{}</b> fails {}, usually {}").format(name, percent(shares[-1]), percent(usual))
            yield Change(answers[since].at, "watch", "burn", text, frame.link("/connectors"))
        else:  # what fails is tried again: that it carries more is no news of its own
            yield from _broken_traffic(name, answers, attempts, frame)


def _broken_traffic(name: str, answers: Sequence[Answer], attempts: Sequence[int], frame: Frame) -> Iterator[Change]:
    usual = median(attempts)
    since = _broke([usual > 0 and one >= MANY and one > BROKEN_TRAFFIC * usual for one in attempts])
    if since is None:
        return
    # A day's ordinary rise comes little by little: only what jumps is news.
    usual = max(usual, median(attempts[max(since - JUST_BEFORE, 0) : since]))
    if attempts[-1] > BROKEN_TRAFFIC * usual:
        text = Markup("<b>{}</b> carries {} × its usual traffic").format(name, f"{attempts[-1] / usual:.1f}")
        yield Change(answers[since].at, "watch", "burn", text, frame.link("/connectors"))


def _broke(is_broken: Sequence[bool]) -> int | None:
    """Find the first bucket of the run that reaches to the end; a rate that was never otherwise has not changed."""
    since = None
    for place in reversed(range(len(is_broken))):
        if not is_broken[place]:
            break
        since = place
    return since or None


def _of(answer: Answer, connector: str, figure: str) -> int:
    return next((int(group.extra[figure]) for group in answer.groups if group.by["connector"] == connector), 0)


def _alerts(changes: Iterable[AlertChange], frame: Frame) -> Iterator[Change]:
    for change in changes:
        if change.is_over:
            yield Change(change.at, "quiet", "ok", Markup("Over: {}").format(change.sentence), frame.link("/alerts"))
        else:
            text = Markup("<b>Alert</b>: {}").format(change.sentence)
            yield Change(change.at, change.severity, "alerts", text, frame.link("/alerts"))


def _queues(answers: Sequence[Answer], frame: Frame) -> Iterator[Change]:
    """A queue began to grow when it was last as good as empty."""
    for group in answers[-1].groups if answers else ():
        name = group.by["queue"]
        depths = [_depth(answer, name) for answer in answers]
        last = depths[-1] or 0
        small = [place for place, depth in enumerate(depths) if depth is not None and depth <= DEEP / 2]
        if last < DEEP or not small:
            continue
        began = answers[small[-1]].at
        rate = (last - (depths[small[-1]] or 0)) / max((answers[-1].at - began) / timedelta(minutes=1), 1)
        text = Markup("Queue <b>{}</b> began to grow, {} / min").format(name, f"{rate:.1f}")
        yield Change(began, "watch", "queues", text, frame.link("/queues"))


def _depth(answer: Answer, queue: str) -> int | None:
    found = next((group.value for group in answer.groups if group.by["queue"] == queue), None)
    return None if found is None else int(found)


def _causes(groups: Sequence[ExceptionGroup], since: datetime, frame: Frame) -> Iterator[Change]:
    """The largest causes whose open exceptions all began within the window."""
    new = [group for group in groups if group.first_seen_at >= since]
    for group in sorted(new, key=lambda one: -(one.gross.minor if one.gross else 0))[:MOST_CAUSES]:
        text = Markup("<b>{}</b> began: {} now").format(group.title, counted(group.orders, group.returns))
        yield Change(group.first_seen_at, group.level, "exceptions", text, cause_link(frame, group.cause))
