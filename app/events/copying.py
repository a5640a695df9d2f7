"""Events as PostgreSQL's binary COPY takes them: all that one load copies, in one buffer (pure).

The format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct

from app.events.event import Event, pack_event

COLUMNS = ("day", "uid", "occurred_at", "received_at", "step", "body")

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, no extension
_TRAILER = b"\xff\xff"
# The number of columns; then each as its length and its bytes, as far as these are as long in every row.
_HEAD = Struct(">h ii i16s iq iq i")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND


def copy_events(events: Iterable[Event]) -> bytes:
    """Write the rows of events in the order of their days and uids, which is also that of the bytes."""
    return b"".join([_SIGNATURE, *sorted(map(_row, events)), _TRAILER])


def _row(event: Event) -> bytes:
    occurred, received = (event.occurred_at - _EPOCH) // _MICROSECOND, _microseconds(event.received_at)
    day = (occurred if event.is_timed else received) // _DAY
    step, body, uid = event.step.encode(), pack_event(event), event.uid.int.to_bytes(16)
    head = _HEAD.pack(6, 4, day, 16, uid, 8, occurred, 8, received, len(step))
    return b"".join((head, step, len(body).to_bytes(4), body))


# All events of a request were received at one time.
@lru_cache(maxsize=16)
def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
