"""SQL fragments for what is open at each of the asked times, and the dimensions that it can be parted by."""

from collections.abc import Mapping, Sequence
from typing import Literal

from app.exceptions.bands import BAND_LIMITS

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


def age_band(since: str) -> str:
    """Index of the band, 0 to 5, of the age that runs from `since`."""
    return f"width_bucket(date_part('epoch', asked.at - {since}), ARRAY[{_LIMITS}]::float8[])"


def columns(by: Sequence[str]) -> str:
    """Select list of the asked dimensions, each followed by a comma."""
    return "".join(f"{DIMENSIONS[name]} AS {name}, " for name in by)


def grouping(by: Sequence[str]) -> str:
    """The same for GROUP BY: by expression, for some names stand in two tables."""
    return "".join(f"{DIMENSIONS[name]}, " for name in by)


def narrowed(where: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Conditions, and their parameters, that hold every named dimension to its value."""
    return [f"{DIMENSIONS[name]} = :only_{name}" for name in where], {f"only_{name}": where[name] for name in where}
