"""PostgreSQL for tests: one server a run, a migrated template, and a clone of it for whoever asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from sqlalchemy import Engine, create_engine, make_url, text

from app.core.database import make_engine
from app.core.embedded import embedded_postgres
from app.core.migrate import migrate


@contextmanager
def migrated_template() -> Iterator[str]:
    """Start PostgreSQL, migrate a database, and yield its address; nothing of it outlives the run."""
    with TemporaryDirectory(prefix="pharos-tests-") as folder, embedded_postgres(Path(folder)) as server:
        # What is lost in a power cut is only a test database.
        execute(server, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off")
        execute(server, "SELECT pg_reload_conf()", "CREATE DATABASE pharos_template")
        template = make_url(server).set(database="pharos_template")
        engine = make_engine(template.render_as_string(hide_password=False))
        migrate(engine)
        engine.dispose()
        yield template.render_as_string(hide_password=False)


@contextmanager
def cloned(template: str) -> Iterator[str]:
    """Copy the template for as long as the block lasts; yields the copy's address."""
    address = make_url(template)
    server = address.set(database="postgres").render_as_string(hide_password=False)
    name = f"test_{uuid4().hex[:12]}"
    execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{address.database}"')
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def opened_copy(template: str) -> Iterator[Engine]:
    """Open a pool on a copy of the template."""
    with cloned(template) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


def execute(address: str, *statements: str) -> None:
    """Run statements outside a transaction."""
    engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
