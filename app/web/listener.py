"""The one database connection of a web process that waits for notifications, and comes back when it is lost."""

import logging
from collections.abc import Callable
from threading import Event

import psycopg
from psycopg import sql
from sqlalchemy import Engine

from app.core.database import CHANNEL

logger = logging.getLogger(__name__)

CHECK_SECONDS = 0.5
RETRY_SECONDS = 1.0


def listen(engine: Engine, publish: Callable[[str], None], is_listening: Event, stopped: Event) -> None:
    """Pass on what is told until `stopped`; `is_listening` says whether the connection stands."""
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while not stopped.is_set():
        try:
            _listen_once(address, publish, is_listening, stopped)
        except psycopg.Error as error:
            logger.warning("live connection lost", extra={"error": type(error).__name__})
            stopped.wait(RETRY_SECONDS)


def _listen_once(address: str, publish: Callable[[str], None], is_listening: Event, stopped: Event) -> None:
    with psycopg.connect(address, autocommit=True, application_name="pharos live", connect_timeout=5) as connection:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        is_listening.set()
        # What was told while nobody listened is lost, so every page looks again.
        publish("*")
        try:
            while not stopped.is_set():
                for notification in connection.notifies(timeout=CHECK_SECONDS):
                    publish(notification.payload)
        finally:
            is_listening.clear()
