"""When silence is news: longer than chance, than the gaps before it, and than at the same hour before (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

USUAL = timedelta(hours=4)  # how long one looks to say what is usual
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=1)  # what has been silent for days is news no more
# So many lively minutes were to be expected meanwhile: by chance none of them comes once in 160,000 times.
EXPECTED = 12.0
GAP = 1.5  # times the longest gap of the time before, as long at least as the silence itself
FEWEST_LIVELY = 3  # minutes in the same stretch of an earlier day, or the silence belongs to the hour
DAYS, WEEKS = (1, 2), (7, 14)  # days before; the weeks come first, for a Sunday is not like a Friday


@dataclass(frozen=True, slots=True)
class Heard:
    """Minutes with any news in a stretch of time, the longest time without, and whether anything was known then."""

    minutes: int = 0
    longest_gap: timedelta = timedelta(0)
    is_known: bool = False


Span = tuple[datetime, datetime]


def may_be_silent(quiet: timedelta, per_minute: float | None) -> bool:
    """Say whether a silence is worth a closer look, by how lively its liveliest series was in the last hours."""
    if not SHORTEST <= quiet <= LONGEST:
        return False
    if quiet >= 0.9 * USUAL:  # nearly all that one knows of the last hours is the silence itself
        return True
    # The silence itself must not make the rate before it look small.
    before = (per_minute or 0.0) / (1 - quiet / USUAL)
    return before * (quiet / timedelta(minutes=1)) >= EXPECTED / 2


def spans_to_hear(seen: datetime, at: datetime) -> list[Span]:
    """The time before a silence, then the silence's own hours of earlier days."""
    after = seen + timedelta(minutes=1)
    earlier = [timedelta(days=days) for days in (*DAYS, *WEEKS)]
    return [(after - _before(at - seen), after), *((after - back, at - back) for back in earlier)]


def is_silent(quiet: timedelta, before: Heard, earlier: Sequence[Heard]) -> bool:
    """Judge a silence by the time before it, and by the same hours of the weeks or, failing these, of the days."""
    if before.minutes * (quiet / _before(quiet)) < EXPECTED or quiet <= GAP * before.longest_gap:
        return False
    days, weeks = earlier[: len(DAYS)], earlier[len(DAYS) :]
    known = [one for one in weeks if one.is_known] or [one for one in days if one.is_known]
    return not known or any(one.minutes >= FEWEST_LIVELY for one in known)


def _before(quiet: timedelta) -> timedelta:
    return max(USUAL, quiet)
