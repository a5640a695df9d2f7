"""Statements that run behind: PostgreSQL works on them while the process prepares what comes next."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.core.database import raw

# Runs a statement with psycopg's named placeholders, whose result nobody asks for.
Write = Callable[[str, Mapping[str, object]], object]

MOST_UNDER_WAY = 32


@contextmanager
def writing_behind(session: Session) -> Iterator[Write]:
    """Give a `write` that runs statements of this transaction in order and one at a time, in a thread of its own.

    Leaving the block waits for all of them and raises what the first of them met; a `write` may raise it sooner.
    Until then nothing that rests on them may be read, and no savepoint may begin or end.
    """
    connection = raw(session)
    under_way: deque[Future[object]] = deque()

    def write(statement: str, parameters: Mapping[str, object]) -> None:
        if len(under_way) == MOST_UNDER_WAY:
            under_way.popleft().result()
        under_way.append(writer.submit(connection.execute, statement, parameters))

    with ThreadPoolExecutor(1, "writing-behind") as writer:
        yield write
        while under_way:
            under_way.popleft().result()
