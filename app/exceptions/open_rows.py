"""SQL fragments for what is open at each of the asked times, and the dimensions that it can be parted by."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import RowMapping

from app.core.errors import PayloadError
from app.exceptions.bands import BAND_LIMITS, BANDS

ASKED = "unnest(CAST(:ats AS timestamptz[])) WITH ORDINALITY AS asked(at, place)"

# Expressions over `x`, a row of exceptions or exposures, and `c`, its cause.
DIMENSIONS = {
    "cause": "x.cause",
    "channel": "x.channel",
    "step": "x.step",
    "owner": "coalesce(c.owner, '')",
    "system": "coalesce(c.system, '')",
    "kind": "coalesce(c.kind, '')",
}
AGE = "age"
_LIMITS = ", ".join(str(limit) for limit in BAND_LIMITS)


def open_rows(table: Literal["exceptions", "exposures"]) -> str:
    """Rows of a table open at `asked.at`; each half reads its own partial index."""
    return f"""(SELECT * FROM {table} WHERE closed_at IS NULL AND opened_at <= asked.at AND due_at <= asked.at
                UNION ALL
                SELECT * FROM {table} WHERE closed_at > asked.at AND opened_at <= asked.at)"""


def age_band(since: str, at: str = "asked.at") -> str:
    """Index of the band, 0 to 5, of the age that runs from `since`."""
    return f"width_bucket(date_part('epoch', {at} - {since}), ARRAY[{_LIMITS}]::float8[])"


def columns(by: Sequence[str], extra: Mapping[str, str] | None = None) -> str:
    """Select list of the asked dimensions, each followed by a comma."""
    known = {**DIMENSIONS, **(extra or {})}
    return "".join(f"{known[name]} AS {name}, " for name in by)


def grouping(by: Sequence[str], extra: Mapping[str, str] | None = None) -> str:
    """The same for GROUP BY: by expression, for some names stand in two tables."""
    known = {**DIMENSIONS, **(extra or {})}
    return "".join(f"{known[name]}, " for name in by)


def narrowed(where: Mapping[str, str], extra: Mapping[str, str] | None = None) -> tuple[list[str], dict[str, Any]]:
    """Conditions, and their parameters, that hold every named dimension to its value."""
    known = {**DIMENSIONS, **(extra or {})}
    parts = [f"{known[name]} = :only_{name}" for name in where]
    return parts, {f"only_{name}": band_index(value) if name == AGE else value for name, value in where.items()}


def band_index(name: str) -> int:
    """Find a band by its name."""
    for index, band in enumerate(BANDS):
        if band.name == name:
            return index
    raise PayloadError(f"there is no age band {name!r}", "The bands are: " + ", ".join(band.name for band in BANDS))


def labels(by: Sequence[str], row: RowMapping) -> dict[str, str]:
    """Name the dimensions of a row; bands by their names."""
    return {name: BANDS[row[name]].name if name == AGE else row[name] for name in by}
