"""The database: engine, transactions and the advisory lock; only this file commits."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm import Session, sessionmaker

from app.core.arrays import register_arrays
from app.core.ids import fingerprint

CHANNEL = "pharos"
_ANSWERS = "answers"
# Connection lost, idle for too long, rolled back for others' sake, no room, stopped by an operator, system error.
_PASSING = ("08", "25P", "40", "53", "57", "58")
Answer = TypeVar("Answer")


def make_engine(url: str, pool_size: int = 10, *, application: str = "pharos") -> Engine:
    """Open a pool on a PostgreSQL address, whatever driver it names; times are always UTC."""
    register_arrays()
    address = make_url(url).set(drivername="postgresql+psycopg")
    # A server that no packet reaches any more is given up in seconds; the system alone would take a quarter of an hour.
    patience = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 20_000}
    options = "-c timezone=UTC -c statement_timeout=60000 -c idle_in_transaction_session_timeout=120000"
    return create_engine(
        address,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        # The one used last goes first: the driver's buffers keep the size of the largest batch on each that had one.
        pool_use_lifo=True,
        pool_pre_ping=True,
        connect_args={"options": options, "application_name": application, **patience},
    )


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Make the factory of sessions; nothing is reloaded after a commit."""
    return sessionmaker(engine, expire_on_commit=False, autoflush=False)


@contextmanager
def transaction(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Do one piece of work: commit when it ends well, roll back when it does not."""
    with sessions() as session:
        try:
            yield session
        except BaseException:
            session.rollback()
            raise
        session.commit()


def is_passing(error: BaseException) -> bool:
    """Say whether the server was in trouble, so that the same will work later, or refused what it was asked."""
    if isinstance(error, TimeoutError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, psycopg.Error):
        return False
    if original.sqlstate is None:
        # Without a code the server said nothing, because it is gone.
        return isinstance(original, psycopg.OperationalError)
    return original.sqlstate.startswith(_PASSING)


def remember_answers(session: Session) -> None:
    """Let this session, which only reads, ask each `remembered` question once."""
    session.info[_ANSWERS] = {}


def remembered(session: Session, question: Hashable, ask: Callable[[], Answer]) -> Answer:
    """Ask, unless this session remembers the answer; a page is one moment, however many regions it has."""
    answers = session.info.get(_ANSWERS)
    if answers is None:
        return ask()
    if question not in answers:
        answers[question] = ask()
    answer: Answer = answers[question]
    return answer


def raw(session: Session) -> psycopg.Connection:
    """Reach the psycopg connection of this session's transaction, for COPY and arrays."""
    connection = session.connection().connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError(f"not a psycopg connection: {connection!r}")
    return connection


@contextmanager
def savepoint(session: Session) -> Iterator[psycopg.Connection]:
    """Undo what the block did, and only that, when it fails: begin_nested for hot paths, at a fifth of its price."""
    driver = raw(session)
    driver.execute("SAVEPOINT block")
    try:
        yield driver
    except BaseException:
        if not driver.broken:
            driver.execute("ROLLBACK TO SAVEPOINT block; RELEASE SAVEPOINT block")
        raise
    driver.execute("RELEASE SAVEPOINT block")


def notify(session: Session, topics: str) -> None:
    """Tell listening web processes, at commit, what changed: topics parted by commas."""
    session.execute(text("SELECT pg_notify(:channel, :topics)"), {"channel": CHANNEL, "topics": topics[:7900]})


@contextmanager
def listen(sessions: sessionmaker[Session], channel: str) -> Iterator[Callable[[float], list[str]]]:
    """Listen on a channel; the yielded function waits up to so many seconds and returns what was said."""
    engine = sessions.kw["bind"]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver: psycopg.Connection = connection.connection.driver_connection
        driver.execute(f"LISTEN {channel}")
        try:
            yield lambda seconds: [note.payload for note in driver.notifies(timeout=seconds, stop_after=1)]
        finally:
            connection.invalidate()


def lock_number(name: str) -> int:
    """Turn a name into the 63-bit number that advisory locks take."""
    return fingerprint("lock", name).int >> 65


@contextmanager
def try_lock(engine: Engine, name: str) -> Iterator[Connection | None]:
    """Hold a cluster-wide lock for as long as the block runs; None when another process has it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        number = lock_number(name)
        held = connection.execute(text("SELECT pg_try_advisory_lock(:n)"), {"n": number}).scalar_one()
        try:
            yield connection if held else None
        finally:
            if held and not connection.invalidated:
                connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": number})
