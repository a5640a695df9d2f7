"""Opens the store, brings it to this release, and names the processes of a tower."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Engine

from alerts.commands import load_shipped_rules
from app.core.clock import utc_now
from app.core.database import make_engine, make_sessions, transaction
from app.core.embedded import embedded_postgres
from app.core.errors import UnavailableError
from app.core.migrate import migrate
from app.metrics.money import seed_rates
from app.rebuild import rebuild_if_marked
from app.serve import SUPERVISED, Child
from app.settings import Settings


@contextmanager
def store(settings: Settings) -> Iterator[tuple[str, Engine]]:
    """Reach the configured database, or run the embedded one for as long as the block lasts."""
    with ExitStack() as opened:
        url = settings.database_url.get_secret_value()
        if not url:
            url = opened.enter_context(embedded_postgres(settings.data_dir))
        engine = make_engine(url, 2)
        opened.callback(engine.dispose)
        yield url, engine


def prepare(engine: Engine) -> None:
    """Bring the schema, the exchange rates, the shipped rules and what is derived from events to this release."""
    migrate(engine)
    with transaction(make_sessions(engine)) as session:
        seed_rates(session)
        load_shipped_rules(session, utc_now())
        rebuild_if_marked(session)


def processes() -> list[Child]:
    """The processes of a tower on one machine."""
    return [Child(role, ["app.role", role, SUPERVISED]) for role in ("web", "worker")]


def check_port(settings: Settings) -> None:
    """Say early that another program has our address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            hint = "Stop the other program, or set PHAROS_PORT to a free port."
            raise UnavailableError(f"{settings.host}:{settings.port} is taken: {error.strerror}", hint) from None
