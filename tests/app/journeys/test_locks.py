"""Locks: a journey's guards the keys that it owns, any other key has one of its own, too many become one."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.journeys import locks
from app.journeys.board import Board, load_labels
from app.journeys.locks import MoreLocksNeededError, journey_lock, key_locks, take_locks
from app.journeys.ownership import Label

A, B = UUID(int=7), UUID(int=2**128 - 1)
HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objsubid = 2"


def test_a_key_is_guarded_by_its_owner_and_else_by_itself() -> None:
    labels = {"invoice:1": Label("identity", 1, (A,)), "invoice:2": Label("contended", 1, (A, B))}
    assert key_locks(["invoice:1"], labels) == {journey_lock(A)}
    assert key_locks(["invoice:2"], labels).isdisjoint({journey_lock(A), journey_lock(B)})
    assert len(key_locks(["invoice:2", "invoice:3"], labels)) == 2
    assert all(-(2**31) <= number < 2**31 for number in (journey_lock(A), journey_lock(B)))


def test_a_board_takes_in_nothing_that_its_locks_do_not_guard(session: Session) -> None:
    with pytest.raises(MoreLocksNeededError) as missing:
        load_labels(session, Board("order", set()), {"invoice:1"})
    board = Board("order", set(missing.value.numbers))
    load_labels(session, board, {"invoice:1"})
    assert board.asked == {"invoice:1"}


def test_who_needs_more_than_a_share_takes_the_one_for_all(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    take_locks(session, "order", range(10))
    assert session.execute(text(HELD)).scalar_one() == 10
    monkeypatch.setattr(locks, "SHARES", 10**9)
    take_locks(session, "return", range(10))
    assert session.execute(text(HELD)).scalar_one() == 10
