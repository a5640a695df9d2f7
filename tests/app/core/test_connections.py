"""A connection is asked whether it lives when it has been idle, and a dead one is replaced unnoticed."""

from collections.abc import Iterator
from unittest.mock import Mock

import pytest
from sqlalchemy import Engine, text

from app.core import connections
from app.core.database import make_engine


@pytest.fixture
def engine(fresh_database: Engine) -> Iterator[Engine]:
    made = make_engine(fresh_database.url.render_as_string(hide_password=False), 2)
    yield made
    made.dispose()


def who(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT pg_backend_pid()")).scalar_one()


def cut_off(engine: Engine, pids: set[int]) -> None:
    with engine.connect() as connection:
        for pid in pids:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_a_dead_connection_is_replaced(engine: Engine, fresh_database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.0)
    with engine.connect() as other:
        pids = {who(engine), other.execute(text("SELECT pg_backend_pid()")).scalar_one()}
    cut_off(fresh_database, pids)
    assert {who(engine), who(engine)}.isdisjoint(pids)


def test_only_an_idle_connection_is_asked(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Mock(wraps=engine.dialect.do_ping)
    monkeypatch.setattr(engine.dialect, "do_ping", asked)
    first = who(engine)
    assert who(engine) == first
    assert asked.call_count == 0
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.0)
    assert who(engine) == first
    assert asked.call_count == 1
