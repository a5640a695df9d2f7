"""The one chart: the worst matter over the window, or calm orders beside yesterday's, with what it finds (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from markupsafe import Markup

from app.journeys.flow import Flow
from app.metrics.metric import Answer
from app.web.charts import Mark, Series, chart_rows, figure_json, line_chart
from app.web.filters import duration, percent

UNIT = "/ min"
DAY = timedelta(days=1)
ALIKE = 0.25  # of yesterday's orders: less of a difference is no news
LATEST, GROWN = 3, 1.25  # buckets that say where a line is going, and by how much
RECENT = 6  # buckets within which a failure is still the matter
NOTABLE = 0.15  # of its peak: above that a failure rate counts as trouble

Points = list[tuple[datetime, float | None]]


@dataclass(frozen=True, slots=True)
class Trend:
    """A finding, the figure that shows it, and the same as rows of a table."""

    title: str
    words: str
    figure: Markup
    rows: list[list[str]]


def failing_trend(flow: Flow, step: str, answers: Sequence[Answer], width: timedelta) -> Trend | None:
    """Show how attempts at a step went; None when none has lately failed, so that something else is the matter."""
    minutes = width / timedelta(minutes=1)
    failed = [(one.at, _failed(one) / minutes) for one in answers]
    done = [(one.at, (one.extra.get("attempts", 0) - _failed(one)) / minutes) for one in answers]
    peak = max((rate for _, rate in failed), default=0.0)
    if not any(rate for _, rate in failed[-RECENT:]):
        return None
    say = _say(flow, step)
    title, marks = _failing_title(say, failed, peak, width)
    series = [Series("done", list(done), "quiet"), Series("failed", list(failed), "act")]
    return _trend(title, f"Attempts to {say} a minute, done and failed", series, marks)


def falling_behind_trend(
    flow: Flow, step: str, entered: Sequence[Answer], left: Sequence[Answer], width: timedelta
) -> Trend:
    """Show what enters a stretch and what leaves it, where silence is the matter."""
    ins, outs = _points(entered), _points(left)
    gaps = [(at, (enters or 0.0) - (leaves or 0.0)) for (at, enters), (_, leaves) in zip(ins, outs, strict=True)]
    since = _since(gaps, NOTABLE * max((enters or 0.0 for _, enters in ins), default=0.0))
    say = _say(flow, step)
    title = (
        f"Fewer orders {say} than should since {since - width:%H:%M}" if since else f"How many orders {say} a minute"
    )
    series = [Series("enter", ins, "quiet"), Series("leave", outs, "watch" if since else "quiet")]
    return _trend(title, "Orders a minute that enter and leave this stretch", series, ())


KNOWN_SHARE = 0.9


def calm_trend(now: Sequence[Answer], before: Sequence[Answer], window: timedelta, back: timedelta) -> Trend | None:
    """Show orders a minute beside those of the day, or the week, before; None when nothing is known."""
    today, usual = _points(now), _points(before)
    if all(rate is None for _, rate in today):
        return None
    moved = [(at, rate) for (at, _), (_, rate) in zip(today, usual, strict=True)]
    name = "a week before" if back > DAY else "a day before"
    both = [(rate or 0.0, then) for (_, rate), (_, then) in zip(today, moved, strict=True) if then is not None]
    # Where the past was only beginning to be recorded, a comparison with it would say nothing true.
    if not any(then for _, then in both) or len(both) < KNOWN_SHARE * len(today):
        rate = fmean(rate or 0.0 for _, rate in today)
        title = f"{rate:.1f} orders a minute over the last {duration(window)}"
        return _trend(title, "Orders placed a minute", [Series("now", today, "quiet")], ())
    series = [Series(name, moved, "quiet"), Series("now", today, "ok")]
    return _trend(_calm_title(both, name), "Orders placed a minute", series, ())


def _failing_title(
    say: str, failed: Sequence[tuple[datetime, float]], peak: float, width: timedelta
) -> tuple[str, Sequence[Mark]]:
    bound = NOTABLE * peak
    since = _since(failed, bound)
    if since is None:
        over = next((at for at, rate in reversed(failed) if rate > bound), None)
        return f"Failures to {say} ended at {over:%H:%M}" if over else f"Few attempts to {say} fail", ()
    if since == failed[0][0]:
        return f"Attempts to {say} fail throughout", ()
    began = since - width
    way = _way([rate for at, rate in failed if at >= since])
    return f"Failures to {say} began at {began:%H:%M} and {way}", [Mark(began, f"{began:%H:%M}")]


def _way(rates: Sequence[float]) -> str:
    """Compare the last buckets of a run with those before; a short run only goes on."""
    if len(rates) < 2 * LATEST:
        return "go on"
    latest, before = fmean(rates[-LATEST:]), fmean(rates[-2 * LATEST : -LATEST])
    return "grow" if latest > GROWN * before else "ease" if latest < before / GROWN else "go on"


def _calm_title(both: Sequence[tuple[float, float]], name: str) -> str:
    """Compare with the time before, over the moments of which both are known."""
    change = sum(rate for rate, _ in both) / sum(then for _, then in both) - 1
    if abs(change) < ALIKE:
        return f"Orders run as they did {name}"
    return f"Orders run {percent(abs(change))} {'above' if change > 0 else 'below'} those of {name}"


def _trend(title: str, words: str, series: Sequence[Series], marks: Sequence[Mark]) -> Trend:
    return Trend(title, words, figure_json(line_chart(series, title, UNIT, marks)), chart_rows(series, UNIT))


def _since(points: Sequence[tuple[datetime, float]], above: float) -> datetime | None:
    """Find since when a line has stayed above a bound; None when it does not now."""
    since = None
    for at, value in reversed(points):
        if value <= above:
            break
        since = at
    return since


def _points(answers: Sequence[Answer]) -> Points:
    return [(one.at, None if one.value is None else float(one.value)) for one in answers]


def _failed(answer: Answer) -> int:
    return int(answer.extra.get("failed", 0))


def _say(flow: Flow, step: str) -> str:
    return flow.steps[step].say if step in flow.steps else step
