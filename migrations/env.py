"""Runs migrations on the connection that the caller hands over, or on the configured address."""

from alembic import context
from sqlalchemy import Connection, create_engine, pool

import app.models.alerts
import app.models.events
import app.models.exceptions
import app.models.journeys
import app.models.metrics
import app.models.operations
import app.models.users  # noqa: F401 - each import adds its tables to the metadata
from app.models.base import Base


def run(connection: Connection) -> None:
    """Apply what is missing, in one transaction, one process at a time."""
    context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=True)
    with context.begin_transaction():
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727274)")
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    address = context.config.get_main_option("sqlalchemy.url") or ""
    with create_engine(address, poolclass=pool.NullPool).connect() as opened:
        run(opened)
