"""How many journeys have an open exception as of many times at once, with the value that stands behind them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from app.exceptions.bands import BANDS
from app.exceptions.open_rows import AGE
from app.exceptions.parts import Alike, Condition, Part, check_where, holds, read_alike
from app.series.rates import Converter


@dataclass(frozen=True, slots=True)
class Count:
    """Journeys of one group; `firsts` are those that no group before it has counted, so that they sum to the total.

    `staked` are those that put money at stake: orders; `valued` are those of them whose value is known.
    """

    by: Mapping[str, str]
    orders: int
    firsts: int
    staked: int
    first_staked: int
    valued: int
    first_valued: int
    gross: Fraction
    first_gross: Fraction
    oldest_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    channels: tuple[str, ...]  # told when parted by cause

    @property
    def coverage(self) -> float | None:
        """The share whose value is known; None when nothing is at stake."""
        return self.valued / self.staked if self.staked else None


def count_open(
    session: Session,
    converters: Sequence[Converter],
    ats: Sequence[datetime],
    *,
    by: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
    only: Condition = ((), {}),
    keep: Callable[[Part], bool] = lambda _: True,
) -> list[list[Count]]:
    """Count orders with an open exception at each time; `only` adds conditions on `x` (the row) and `c` (its cause).

    An order's age is that of the oldest of its exceptions which `where` and `keep` leave.
    """
    wanted = dict(where or {})
    check_where(wanted)
    age = wanted.pop(AGE, None)
    found: list[dict[tuple[str, ...], Count]] = [{} for _ in ats]
    for alike in read_alike(session, ats, only):
        parts = [part for part in alike.parts if holds(part, wanted) and keep(part)]
        if not parts or (age is not None and BANDS[_age(parts)].name != age):
            continue
        groups = found[alike.place - 1]
        for count in _count(alike, parts, by, converters[alike.place - 1].factor(alike.currency)):
            name = tuple(count.by.values())
            groups[name] = _add(groups[name], count) if name in groups else count
    return [list(groups.values()) for groups in found]


def _age(parts: Iterable[Part]) -> int:
    return max(part.age for part in parts)


def _count(alike: Alike, parts: Sequence[Part], by: Sequence[str], factor: Fraction | None) -> Iterator[Count]:
    """Count orders that are alike in every group that they stand in; the first of these counts them for the total."""
    band = BANDS[_age(parts)].name
    groups: dict[tuple[str, ...], list[Part]] = {}
    for part in parts:
        groups.setdefault(tuple(band if name == AGE else part.label(name) for name in by), []).append(part)
    valued = alike.valued if factor is not None else 0
    gross = alike.value * (factor or Fraction(0))
    for place, (name, members) in enumerate(sorted(groups.items())):
        is_first = place == 0
        times = [alike.parts[part] for part in members]
        yield Count(
            by=dict(zip(by, name, strict=True)),
            orders=alike.orders,
            firsts=alike.orders * is_first,
            staked=alike.staked,
            first_staked=alike.staked * is_first,
            valued=valued,
            first_valued=valued * is_first,
            gross=gross,
            first_gross=gross * is_first,
            oldest_at=min(one.since_at for one in times),
            first_seen_at=min(one.first_at for one in times),
            last_seen_at=max(one.last_at for one in times),
            channels=tuple(sorted({part.channel for part in members})) if "cause" in by else (),
        )


def _add(one: Count, other: Count) -> Count:
    return Count(
        by=one.by,
        orders=one.orders + other.orders,
        firsts=one.firsts + other.firsts,
        staked=one.staked + other.staked,
        first_staked=one.first_staked + other.first_staked,
        valued=one.valued + other.valued,
        first_valued=one.first_valued + other.first_valued,
        gross=one.gross + other.gross,
        first_gross=one.first_gross + other.first_gross,
        oldest_at=min(one.oldest_at, other.oldest_at),
        first_seen_at=min(one.first_seen_at, other.first_seen_at),
        last_seen_at=max(one.last_seen_at, other.last_seen_at),
        channels=tuple(sorted({*one.channels, *other.channels})),
    )
