"""Locks: a journey's guards the keys that it owns, any other key has one of its own, too many become one."""

from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.core.database import make_sessions, transaction
from app.journeys import locks
from app.journeys.board import Board, load_labels
from app.journeys.locks import MoreLocksNeededError, holding_locks, journey_lock, key_locks, take_locks, try_all
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


def test_who_finds_somebody_at_work_decides_under_locks_of_his_own(fresh_database: Engine) -> None:
    sessions = make_sessions(fresh_database)
    with transaction(sessions) as one, transaction(sessions) as other:
        assert holding_locks(one, "order", lambda: {1}, lambda locks: locks) is None
        assert not try_all(other, "order")
        one.commit()
        assert holding_locks(one, "return", lambda: {1}, lambda locks: locks) is None
        assert try_all(other, "order")
        other.rollback()
        take_locks(one, "order", {1})
        assert holding_locks(other, "order", lambda: {2}, lambda locks: locks) == {2}
