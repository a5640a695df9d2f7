"""What the lists of the API share: the filter, the page, amounts of money, and CSV instead of JSON."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from app.core.money import Money
from app.core.paging import MAX_LIMIT, Page

MOST_CSV_ROWS = 10_000
CSV_TOO: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}
Row = TypeVar("Row")
Cell = str | int | float | bool | datetime | Money | None

FilterText = Annotated[
    str, Query(alias="q", description="Text filter, such as `channel:amazon-uk age:>4h value:>100`.")
]
AfterMark = Annotated[str | None, Query(description="The `after` of the page before.")]
PageLimit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows of a page.")]
AnswerFormat = Annotated[
    Literal["json", "csv"] | None, Query(alias="format", description="csv, or send `Accept: text/csv`.")
]


class Amount(BaseModel):
    """An amount of money, exact: `amount` is decimal text, `minor` the same in minor units."""

    amount: str = Field(examples=["99.50"])
    minor: int = Field(examples=[9950])
    currency: str = Field(examples=["USD"])


def amount_of(money: Money | None) -> Amount | None:
    """Write an amount for the API."""
    return Amount(amount=str(money.major), minor=money.minor, currency=money.currency) if money else None


def wants_csv(request: Request, wanted: Literal["json", "csv"] | None) -> bool:
    """Say whether the asker wants CSV: by parameter, else by what it accepts."""
    if wanted is not None:
        return wanted == "csv"
    accepted = request.headers.get("accept", "").lower()
    return "text/csv" in accepted and "application/json" not in accepted


def read_pages(read: Callable[[str | None, int], Page[Row]], after: str | None) -> list[Row]:
    """Read page after page, up to what one CSV file may hold."""
    rows: list[Row] = []
    while len(rows) < MOST_CSV_ROWS:
        page = read(after, MAX_LIMIT)
        rows += page.rows
        after = page.after
        if after is None:
            break
    return rows[:MOST_CSV_ROWS]


def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Answer with a CSV file (RFC 4180, UTF-8)."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "private, no-store"}
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Money):
        return str(value.major)
    # Spreadsheets run text that begins like a formula: the apostrophe keeps it text.
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else str(value)
