"""Remembers for a minute what the past said, so that a page asks anew only about the present."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any

from sqlalchemy.orm import Session

from app.metrics.catalogue import ask_series
from app.metrics.metric import Answer

KEPT_SECONDS = 60.0  # a late fact may mend the past: that shows after so long
MOST_KEPT = 2_000


class Memory:
    """Values by key, each forgotten after a while; shared by the requests of one process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self._lock = Lock()

    def recall(self, key: Hashable) -> Any | None:
        """Give what is remembered; None when it never was, or is too old."""
        with self._lock:
            until, value = self._kept.get(key, (0.0, None))
        return value if monotonic() < until else None

    def keep(self, key: Hashable, value: Any, seconds: float = KEPT_SECONDS) -> None:
        """Remember a value."""
        with self._lock:
            self._kept[key] = (monotonic() + seconds, value)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def once(self, key: Hashable, make: Callable[[], Any], seconds: float = KEPT_SECONDS) -> Any:
        """Give what is remembered, or make and remember it."""
        found = self.recall(key)
        if found is None:
            found = make()
            self.keep(key, found, seconds)
        return found


def ask_course(
    session: Session,
    memory: Memory,
    name: str,
    ats: Sequence[datetime],
    *,
    window: timedelta | None = None,
    by: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
) -> list[Answer]:
    """Ask a metric at many times in one statement; the last time is always asked anew."""
    question = (name, window, tuple(by), tuple(sorted((where or {}).items())))
    known: dict[datetime, Answer | None] = {at: memory.recall((question, at)) for at in ats[:-1]}
    missing = [at for at in ats if known.get(at) is None]
    answers = ask_series(session, name, missing, window=window, by=by, where=where)
    for at, answer in zip(missing, answers, strict=True):
        known[at] = answer
        if at != ats[-1]:
            memory.keep((question, at), answer)
    return [found for at in ats if (found := known[at]) is not None]
