"""Events as PostgreSQL's binary COPY takes them: all that one load copies, in one buffer (pure).

The format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from struct import Struct

from app.events.event import Event, pack_event

COLUMNS = ("day", "uid", "occurred_at", "received_at", "step", "body")

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # no flags, no extension
_TRAILER = b"\xff\xff"
# The number of columns; then each as its length and its bytes, as far as these are as long in every row.
_HEAD = Struct(">h ii i16s iq iq i")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def copy_events(events: Iterable[Event]) -> bytes:
    """Write the rows of events in the order of their days and uids, which is also that of the bytes."""
    return b"".join([_SIGNATURE, *sorted(map(_row, events)), _TRAILER])


def _row(event: Event) -> bytes:
    occurred, received = event.occurred_at - _EPOCH, event.received_at - _EPOCH
    day = (occurred if event.is_timed else received).days
    step, body, uid = event.step.encode(), pack_event(event), event.uid.bytes
    head = _HEAD.pack(6, 4, day, 16, uid, 8, occurred // _MICROSECOND, 8, received // _MICROSECOND, len(step))
    return head + step + len(body).to_bytes(4) + body
