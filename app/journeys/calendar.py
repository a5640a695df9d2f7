"""Business hours: adds working time to a moment, skipping weekends and public holidays (pure)."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.journeys.public_holidays import public_holidays


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

    def is_business_day(self, day: date) -> bool:
        """Say whether people work on a day."""
        return _is_business_day(self.country, self.subdivision, self.weekend, day)

    def add(self, start: datetime, working: timedelta) -> datetime:
        """Move on from `start` by an amount of working time."""
        zone = _zone(self.zone)
        moment, left = start.astimezone(zone), working
        for _ in range(3660):
            opens, closes = self._span(moment.date(), zone)
            begin = max(moment, opens)
            if self.is_business_day(moment.date()) and begin < closes:
                available = closes.astimezone(UTC) - begin.astimezone(UTC)
                if available >= left:
                    return (begin.astimezone(UTC) + left).astimezone(UTC)
                left -= available
            moment = datetime.combine(moment.date() + timedelta(days=1), time(0), zone)
        raise ValueError("a deadline of more than ten years of business time")

    def _span(self, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
        opens = datetime.combine(day, self.opens, zone)
        if self.closes is None:
            return opens, datetime.combine(day + timedelta(days=1), time(0), zone)
        return opens, datetime.combine(day, self.closes, zone)
