"""Counts what passes, minute by minute (pure)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

from app.events.fact import Fact
from app.series.series import Dimensions, Slot, Tallied, series_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).toordinal()

# (metric, step, currency, bucket, at, number): what counts at one moment.
Mark = tuple[str, str, str, int, datetime, int]


class Counts:
    """Signed counts by minute, of each bucket of each series."""

    __slots__ = ("tallies",)

    def __init__(self) -> None:
        self.tallies: defaultdict[Tallied, defaultdict[int, int]] = defaultdict(_tally)

    @property
    def series(self) -> set[Dimensions]:
        """The series that are counted."""
        return {tallied[:7] for tallied in self.tallies}

    @property
    def slots(self) -> dict[Slot, int]:
        """The counts one by one, where they are anything."""
        return {
            (series_id(tallied[:7]), minute, tallied[7]): number
            for tallied, minutes in self.tallies.items()
            for minute, number in minutes.items()
            if number
        }

    def add_fact(self, fact: Fact, channel: str, sign: int = 1) -> None:
        """Count one event, whatever journey it belongs to."""
        tallied = ("events", channel, fact.connector or "", fact.system or "", fact.step, fact.outcome, "", 0)
        self.tallies[tallied][minute_of(fact.occurred_at)] += sign

    def add_marks(self, marks: Iterable[Mark], channel: str, sign: int = 1) -> None:
        """Count marks, or with -1 take them back."""
        tallies, last, minute = self.tallies, None, 0
        for metric, step, currency, bucket, at, number in marks:
            # Most marks are at the same moment as the one before them: what ends there, and what begins.
            if at is not last:
                last, minute = at, minute_of(at)
            tallies[metric, channel, "", "", step, "", currency, bucket][minute] += sign * number


def _tally() -> defaultdict[int, int]:
    return defaultdict(int)


def minute_of(moment: datetime) -> int:
    """Whole minutes since the epoch, of a time in UTC, as all stored times are."""
    return (moment.toordinal() - _EPOCH) * 1440 + moment.hour * 60 + moment.minute
