"""How many journeys have an open exception as of many times at once, with the value that stands behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.exceptions.open_rows import AGE, ASKED, age_band, columns, grouping, labels, narrowed, open_rows
from app.series.rates import Converter

Condition = tuple[Sequence[str], Mapping[str, Any]]


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
) -> list[list[Count]]:
    """Count orders with an open exception at each time; `only` adds conditions on `x` (the row) and `c` (its cause)."""
    wanted = dict(where or {})
    aged, age_parameters = narrowed({AGE: wanted.pop(AGE)} if AGE in wanted else {}, {AGE: "age"})
    conditions, parameters = narrowed(wanted)
    plain = [name for name in by if name != AGE]
    statement = _statement(plain, by, [*conditions, *only[0]], aged)
    rows = session.execute(text(statement), {"ats": list(ats), **parameters, **age_parameters, **only[1]})
    found: list[dict[tuple[Any, ...], Count]] = [{} for _ in ats]
    for row in rows.mappings():
        groups = found[row["place"] - 1]
        count = _count(row, labels(by, row), converters[row["place"] - 1])
        name = tuple(count.by.values())
        groups[name] = _add(groups[name], count) if name in groups else count
    return [list(groups.values()) for groups in found]


def _statement(plain: Sequence[str], by: Sequence[str], conditions: Sequence[str], aged: Sequence[str]) -> str:
    grouped = "".join(f"{name}, " for name in by)
    once = "row_number() OVER one = 1" if plain else "true"
    band = age_band("min(since_at) OVER one" if plain else "since_at", "at") if AGE in by or aged else "0"
    plainly = "".join(f"{name}, " for name in plain)
    return f"""
        WITH matching AS (
            SELECT asked.place, asked.at, {columns(plain)} x.journey_id, min(x.since_at) AS since_at,
                   min(x.opened_at) AS first_at, max(x.opened_at) AS last_at, min(x.channel) AS on_channel
              FROM {ASKED}
             CROSS JOIN LATERAL {open_rows("exceptions")} AS x
              LEFT JOIN causes c ON c.id = x.cause
             WHERE {" AND ".join(["true", *conditions])}
             GROUP BY asked.place, asked.at, {grouping(plain)} x.journey_id
        ), stake AS (
            SELECT DISTINCT ON (asked.place, x.journey_id) asked.place, x.journey_id, x.value_minor, x.currency,
                   true AS is_staked
              FROM {ASKED}
             CROSS JOIN LATERAL {open_rows("exposures")} AS x
             ORDER BY asked.place, x.journey_id, x.impact DESC
        ), counted AS (
            SELECT place, {plainly} journey_id, since_at, first_at, last_at, on_channel, {once} AS is_first,
                   {band} AS age
              FROM matching WINDOW one AS (PARTITION BY place, journey_id)
        )
        SELECT place, {grouped} currency, count(*) AS orders, count(*) FILTER (WHERE is_first) AS firsts,
               count(is_staked) AS staked, count(is_staked) FILTER (WHERE is_first) AS first_staked,
               count(value_minor) AS valued, count(value_minor) FILTER (WHERE is_first) AS first_valued,
               coalesce(sum(value_minor), 0) AS value,
               coalesce(sum(value_minor) FILTER (WHERE is_first), 0) AS first_value,
               min(since_at) AS oldest_at, min(first_at) AS first_seen_at, max(last_at) AS last_seen_at,
               {"array_agg(DISTINCT on_channel)" if "cause" in by else "ARRAY[]::text[]"} AS channels
          FROM counted LEFT JOIN stake USING (place, journey_id)
         WHERE {" AND ".join(["true", *aged])}
         GROUP BY place, {grouped} currency
    """


def _count(row: RowMapping, by: Mapping[str, str], converter: Converter) -> Count:
    factor = converter.factor(row["currency"])
    return Count(
        by=by,
        orders=row["orders"],
        firsts=row["firsts"],
        staked=row["staked"],
        first_staked=row["first_staked"],
        valued=row["valued"] if factor is not None else 0,
        first_valued=row["first_valued"] if factor is not None else 0,
        gross=Fraction(row["value"]) * (factor or 0),
        first_gross=Fraction(row["first_value"]) * (factor or 0),
        oldest_at=row["oldest_at"],
        first_seen_at=row["first_seen_at"],
        last_seen_at=row["last_seen_at"],
        channels=tuple(row["channels"]),
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
