"""Which locks a batch needs before it may decide: a journey's guards the keys that it owns; other keys have their own.

Who finds nobody else at work takes the one that stands for all of them, and need not foresee anything. Several workers
take them in one order, by number, all at once. Who finds while deciding that another one is needed lets go of all, and
begins again with more: nobody ever waits while holding what somebody before him in line wants. A server has room for so
many locks: a batch that needs more than its share waits for the one that stands for all.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar
from uuid import UUID
from zlib import crc32

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import array
from app.journeys.ownership import Label

_OFFSET = 2**31
_EVERYTHING = "SELECT pg_advisory_xact_lock{mode}(:space)"
_ALONE = "SELECT pg_try_advisory_xact_lock(:space)"
_EACH = "SELECT pg_advisory_xact_lock(:space, number) FROM unnest(:numbers ::integer[]) AS number"
_ROOM = """
SELECT current_setting('max_locks_per_transaction')::bigint * current_setting('max_connections')::bigint
"""
SHARES = 8
Decided = TypeVar("Decided")


class MoreLocksNeededError(Exception):
    """A decision would rest on something that another worker may be changing."""

    def __init__(self, numbers: set[int]) -> None:
        super().__init__(f"{len(numbers)} more locks are needed")
        self.numbers = numbers


def journey_lock(journey: UUID) -> int:
    """The number of a journey's lock; that others may have the same one costs only waiting."""
    return (journey.int & 0xFFFFFFFF) - _OFFSET


def key_locks(keys: Iterable[str], labels: Mapping[str, Label]) -> set[int]:
    """The numbers of the locks that guard these keys as they are labelled."""
    return {_key_lock(key, labels.get(key)) for key in keys}


def _key_lock(key: str, label: Label | None) -> int:
    if label is None or label.role == "contended":
        return crc32(key.encode()) - _OFFSET
    return journey_lock(label.owners[0])


def holding_locks(
    session: Session, kind: str, foresee: Callable[[], set[int]], decide: Callable[[set[int] | None], Decided]
) -> Decided:
    """Decide while nobody else may, or else under the locks foreseen; where more are needed begin again with these."""
    if try_all(session, kind):
        return decide(None)
    locks = foresee()
    while True:
        try:
            with session.begin_nested():
                take_locks(session, kind, locks)
                return decide(locks)
        except MoreLocksNeededError as missing:
            locks |= missing.numbers


def try_all(session: Session, kind: str) -> bool:
    """Keep others out of this kind of journey, unless somebody is at work on it already."""
    return bool(session.execute(text(_ALONE), {"space": _space(kind)}).scalar_one())


def take_locks(session: Session, kind: str, numbers: Iterable[int]) -> None:
    """Wait for locks of one kind of journey; they end with the transaction, or with the savepoint's rollback."""
    wanted = sorted(numbers)
    is_too_many = len(wanted) > session.execute(text(_ROOM)).scalar_one() // SHARES
    if is_too_many:
        take_all(session, kind)
        return
    session.execute(text(_EVERYTHING.format(mode="_shared")), {"space": _space(kind)})
    session.execute(text(_EACH), {"space": _space(kind), "numbers": array(wanted)})


def take_all(session: Session, kind: str) -> None:
    """Wait until nobody else is at work on this kind of journey, and keep others out."""
    session.execute(text(_EVERYTHING.format(mode="")), {"space": _space(kind)})


def _space(kind: str) -> int:
    return crc32(kind.encode()) - _OFFSET
