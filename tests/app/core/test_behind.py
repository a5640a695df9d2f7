"""Statements that run behind are run in order, belong to the transaction, and tell what went wrong."""

from collections.abc import Iterable, Iterator

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.behind import MOST_UNDER_WAY, writing_behind

ADD = "INSERT INTO told (number) VALUES (%(number)s)"


@pytest.fixture
def told(session: Session) -> Session:
    session.execute(text("CREATE TEMPORARY TABLE told (place serial, number integer UNIQUE)"))
    return session


def add(session: Session, numbers: Iterable[int]) -> None:
    with writing_behind(session) as write:
        for number in numbers:
            write(ADD, {"number": number})


def test_statements_run_in_the_order_in_which_they_were_given(told: Session) -> None:
    add(told, range(5 * MOST_UNDER_WAY))
    written = told.execute(text("SELECT number FROM told ORDER BY place")).scalars().all()
    assert written == list(range(5 * MOST_UNDER_WAY))


def test_a_rollback_takes_them_back(told: Session) -> None:
    with told.begin_nested() as savepoint:
        add(told, [1])
        savepoint.rollback()
    assert told.execute(text("SELECT count(*) FROM told")).scalar_one() == 0


def test_the_first_error_is_raised_at_the_end(told: Session) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        add(told, [1, 1, 2])


def test_an_error_stops_whoever_goes_on_writing(told: Session) -> None:
    numbers = iter([1] * 100)
    with pytest.raises(psycopg.errors.UniqueViolation):
        add(told, numbers)
    assert len(list(numbers)) >= 100 - MOST_UNDER_WAY - 3


def test_an_error_of_the_block_is_raised_when_all_has_run(told: Session) -> None:
    def numbers() -> Iterator[int]:
        yield 1
        raise LookupError("a mistake of ours")

    with pytest.raises(LookupError):
        add(told, numbers())
    assert told.execute(text("SELECT count(*) FROM told")).scalar_one() == 1
