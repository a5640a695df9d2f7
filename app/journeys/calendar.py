"""Business hours: adds working time to a moment, skipping weekends and public holidays (pure)."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.journeys.public_holidays import public_holidays

_DAY = timedelta(days=1)


@lru_cache(maxsize=16)
def _zone(name: str) -> tzinfo:
    # UTC as its own zone counts without asking any rules, and most calendars are in it.
    return UTC if name == "UTC" else ZoneInfo(name)


@lru_cache(maxsize=4_000)
def _is_business_day(country: str, subdivision: str | None, weekend: frozenset[int], day: date) -> bool:
    return day.weekday() not in weekend and day not in public_holidays(country, subdivision)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which hours of which days count; by default all 24 hours of every business day."""

    country: str = "GB"
    subdivision: str | None = None
    zone: str = "UTC"
    opens: time = time(0)
    closes: time | None = None
    weekend: frozenset[int] = field(default=frozenset({5, 6}))
    hours: dict[date, tuple[datetime, datetime]] = field(default_factory=dict, compare=False, repr=False)

    def is_business_day(self, day: date) -> bool:
        """Say whether people work on a day."""
        return _is_business_day(self.country, self.subdivision, self.weekend, day)

    def add(self, start: datetime, working: timedelta) -> datetime:
        """Move on from `start` by an amount of working time."""
        day, left = start.astimezone(_zone(self.zone)).date(), working
        for _ in range(3660):
            opens, closes = self._hours_of(day)
            begin = max(start, opens)
            if begin < closes:
                available = closes - begin
                if available >= left:
                    return (begin + left).astimezone(UTC)
                left -= available
            day += _DAY
        raise ValueError("a deadline of more than ten years of business time")

    def _hours_of(self, day: date) -> tuple[datetime, datetime]:
        """When work begins and ends on a day, in UTC; on a day off it ends when it begins."""
        known = self.hours.get(day)
        if known is None:
            zone = _zone(self.zone)
            opens = datetime.combine(day, self.opens, zone)
            closes = datetime.combine(day + _DAY, time(0), zone)
            if self.closes is not None:
                closes = datetime.combine(day, self.closes, zone)
            if not self.is_business_day(day):
                closes = opens
            known = self.hours[day] = opens.astimezone(UTC), closes.astimezone(UTC)
        return known
