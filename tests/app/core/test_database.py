"""Errors of the database: which will pass by themselves, and which are about what was asked."""

import psycopg
import pytest
from sqlalchemy import exc

from app.core.database import is_passing


@pytest.mark.parametrize(
    "code", ["08006", "25P03", "40001", "40P01", "53100", "53200", "53300", "57P01", "57014", "58030"]
)
def test_trouble_of_the_server_passes(code: str) -> None:
    error = psycopg.errors.lookup(code)("trouble")
    assert is_passing(error)
    assert is_passing(exc.DBAPIError("SELECT", {}, error))


@pytest.mark.parametrize("code", ["22P02", "23505", "42P01", "54000", "XX000"])
def test_what_was_refused_will_be_refused_again(code: str) -> None:
    assert not is_passing(psycopg.errors.lookup(code)("no"))


def test_silence_of_the_server_passes() -> None:
    assert is_passing(psycopg.OperationalError("connection is bad"))
    assert is_passing(exc.TimeoutError("no connection is free"))
    assert is_passing(exc.InterfaceError("SELECT", {}, psycopg.InterfaceError("closed"), connection_invalidated=True))


def test_errors_of_ours_do_not_pass() -> None:
    assert not is_passing(ValueError("a bug"))
    assert not is_passing(psycopg.ProgrammingError("a bug"))
