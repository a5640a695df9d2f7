"""No list breaks on odd parameters: huge dates, NUL, enormous numbers, page markers that look like ours."""

from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from app.core.paging import write_cursor
from tests.builders import signed_in
from tests.clients import make_client

MARKS = (("x",), ("x", "y"), ("\0", "\0"), ("nan", "x", "y"), ("2026-01-01T00:00:00", "0" * 32), ("1", "2", "3", "4"))
TEXTS = ("\0", "order:\0", "9" * 5_000, "value:>1e400", "age:>99999999999d", "channel:\0", '"', "(" * 999)
TIMES = (
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00Z",
    "1970-01-01T00:00Z",
    "-999999999d",
    "1e400",
    "2026-02-30",
)
ODD = {
    "after": [*map(write_cursor, MARKS), "\0", "é"],
    "q": TEXTS,
    "key": TEXTS,
    "where": TEXTS,
    "kind": TEXTS,
    "at": TIMES,
    "from": TIMES,
    "known": TIMES,
    "step": ("1e400s", "9" * 400 + "d", "0s"),
}
GROUP = "kind=x&sender=y&door=z"
APIS = ("journeys", "exceptions", "exceptions/groups", "alerts", "metrics/orders.late")
PAGES = ("orders", "exceptions", "search", "tower", "admin/audit", f"admin/quarantine/group?{GROUP}")
LISTS = (*(f"/api/v1/{name}" for name in APIS), *(f"/{name}" for name in PAGES))


@pytest.mark.parametrize("path", LISTS)
def test_odd_parameters_are_answered(app: FastAPI, session: Session, path: str) -> None:
    client = make_client(app, session, raises=False)
    client.cookies.set("pharos", signed_in(session, "admin")[0])
    joint = "&" if "?" in path else "?"
    asked = [(name, odd) for name, odds in ODD.items() for odd in odds]
    broken = [
        f"{name}={odd[:40]!r}"
        for name, odd in asked
        if client.get(f"{path}{joint}{urlencode({name: odd})}").status_code >= 500
    ]
    assert broken == []
