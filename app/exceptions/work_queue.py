"""One look at the work-queue: its regions share what has been read of the asked moment."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from app.core.errors import NotFoundError
from app.exceptions import queries
from app.exceptions.due import list_due
from app.exceptions.filters import ExceptionFilter, read_filter
from app.exceptions.listed import GroupRow, describe_due, describe_groups, describe_orders, describe_resolved
from app.exceptions.members import list_members
from app.exceptions.queries import ExceptionGroup
from app.exceptions.resolved import count_resolved, list_resolved
from app.exceptions.selection import AsOf, as_of
from app.exceptions.typed import any_age, band_filter, of_cause, suggest
from app.journeys.catalogue import order_flow
from app.settings import Settings
from app.web.dependencies import AskedAt
from app.web.frame import Frame

PAGE_ROWS, OPENED_ROWS = 50, 20
SPARK_POINTS, SPARK_STEP = 13, timedelta(hours=2)
PLAIN = ("closed", "due")  # nothing of these is open, so there is nothing to group or to add up


# Says how loud groups are as of a time, by what is usual: what the tower says of them is said here too.
Judge = Callable[[Session, datetime, Iterable[ExceptionGroup]], tuple[ExceptionGroup, ...]]


class WorkQueue:
    """Reads lazily and once: a page asks for every region, a fragment for its own."""

    def __init__(
        self,
        session: Session,
        asked: AskedAt,
        frame: Frame,
        settings: Settings,
        judge: Judge,
        q: str,
        view: str,
        after: str | None,
    ) -> None:
        self.session, self.frame, self.q, self.view, self.after = session, frame, q.strip(), view, after
        self.judge = judge
        self.at: datetime = asked.at
        self.window: timedelta = asked.window
        self.currency = settings.reporting_currency
        self.flow = order_flow(settings.flow_dir)

    def regions(self, *names: str, opened: str | None = None) -> dict[str, Any]:
        """Fill regions by their names; `opened` is the cause of a group whose orders are shown."""
        made: dict[str, Callable[[], Any]] = {
            "tabs": self.tabs,
            "totals": self.totals,
            "ageing": self.ageing,
            "listed": lambda: self.listed(opened),
        }
        return {**self.words(), **{name: made[name]() for name in names}}

    def words(self) -> dict[str, Any]:
        """What every region says: the filter, the view, the time, and the addresses with both."""
        shown = {"q": self.q, "view": self.view, "after": self.after, "at": self.at, "window": self.window}
        return {**shown, "link": self.link}

    def link(self, path: str, **changes: object) -> str:
        """Address a page or region about the same filter and view."""
        kept = {"q": self.q or None, "view": self.view if self.view != "groups" else None}
        return self.frame.link(path, **{**kept, **changes})

    def suggestions(self) -> list[tuple[str, str, str]]:
        """Terms to try: field, value, and where each leads."""
        groups = [] if self.is_plain else self.groups
        return [(field, value, self.link("/exceptions", q=q)) for field, value, q in suggest(self.q, groups)]

    def tabs(self) -> list[dict[str, Any]]:
        """What is open, and what closed within the window."""
        is_over = "status:closed" in self.q.split()
        resolved = count_resolved(self.session, self.at - self.window, self.at)
        return [
            self._tab("Open", self.frame.counts.get("exceptions"), None, current=not is_over),
            self._tab("Resolved", resolved, "status:closed", current=is_over),
        ]

    def totals(self) -> dict[str, Any] | None:
        """The whole of what the filter finds; None where nothing of it is open."""
        if self.is_plain:
            return None
        return {"all": queries.summarise(self.session, self.wanted, self.asked), "groups": len(self.groups)}

    def ageing(self) -> list[dict[str, Any]] | None:
        """The six bands, each with the filter that it leads to; None before anything is known."""
        if self.is_plain or self.frame.counts.get("exceptions") is None:
            return None
        bands = []
        for one in queries.list_bands(self.session, any_age(self.wanted), self.asked):
            q, is_current = band_filter(self.q, one.band)
            link = self.link("/exceptions", q=q)
            bands.append({"count": one.orders, "value": one.gross, "href": link, "current": is_current})
        return bands

    def listed(self, opened: str | None = None) -> dict[str, Any]:
        """The rows: groups, orders, or plain exceptions that are over or to come."""
        if self.is_plain:
            return self._plain()
        if self.view == "list":
            found = list_members(self.session, self.wanted, self.asked, after=self.after, limit=PAGE_ROWS)
            return {"kind": "orders", "rows": describe_orders(found.rows, self.at), "next": found.after}
        rows = self._describe(self.groups)
        return {"kind": "groups", "rows": [(row, self._inside(row, row.group.cause == opened)) for row in rows]}

    def group(self, cause: str, *, is_closed: bool) -> dict[str, Any]:
        """One group with its first orders, or closed again."""
        found = self._list_groups(of_cause(self.wanted, cause))
        if not found:
            raise NotFoundError("Nothing of this group is open any more", "Load the list again.")
        row = self._describe(found)[0]
        return {**self.words(), "row": row, "inside": self._inside(row, not is_closed)}

    def members(self, cause: str) -> dict[str, Any]:
        """Further orders of one group, the dearest first."""
        wanted = of_cause(self.wanted, cause)
        found = list_members(self.session, wanted, self.asked, after=self.after, limit=OPENED_ROWS)
        inside = {"cause": cause, "rows": describe_orders(found.rows, self.at), "next": found.after, "more": None}
        return {**self.words(), "inside": inside}

    @cached_property
    def wanted(self) -> ExceptionFilter:
        """The filter, read."""
        return read_filter(self.q)

    @property
    def is_plain(self) -> bool:
        """Say whether the filter asks for what is over or to come."""
        return self.wanted.status in PLAIN

    @cached_property
    def asked(self) -> AsOf:
        """The time with its rates and loss curves."""
        return as_of(self.session, self.at, self.currency)

    @cached_property
    def groups(self) -> tuple[ExceptionGroup, ...]:
        """The causes that the filter finds."""
        return self._list_groups(self.wanted)

    def _list_groups(self, wanted: ExceptionFilter) -> tuple[ExceptionGroup, ...]:
        found = queries.list_groups(self.session, wanted, self.asked)
        return self.judge(self.session, self.at, found) if wanted.takes_whole_causes else found

    def _tab(self, text: str, count: int | None, q: str | None, *, current: bool) -> dict[str, Any]:
        return {"text": text, "count": count, "href": self.frame.link("/exceptions", q=q), "current": current}

    def _describe(self, groups: Iterable[ExceptionGroup]) -> list[GroupRow]:
        ats = [self.at - SPARK_STEP * back for back in reversed(range(SPARK_POINTS))]
        trends = queries.trend_by_cause(self.session, self.wanted, self.asked, ats)
        return describe_groups(self.flow, groups, trends, self.at)

    def _inside(self, row: GroupRow, is_open: bool) -> dict[str, Any] | None:
        if not is_open:
            return None
        inside: dict[str, Any] = self.members(row.group.cause)["inside"]
        return {**inside, "more": row.group.orders - len(inside["rows"])}

    def _plain(self) -> dict[str, Any]:
        if self.wanted.status == "due":
            due = list_due(self.session, self.wanted, self.asked, after=self.after, limit=PAGE_ROWS)
            return {"kind": "due", "rows": describe_due(due.rows, self.at), "next": due.after}
        since = self.at - self.window
        over = list_resolved(self.session, self.wanted, self.asked, since, after=self.after, limit=PAGE_ROWS)
        return {"kind": "closed", "rows": describe_resolved(over.rows, self.at), "next": over.after}
