"""One lasting process of the tower, web or worker: what it imports it keeps, so it begins here and not in `cli.py`."""

import gc
import os
import sys
import threading
from typing import NoReturn

from sqlalchemy import Engine

from app.core.database import make_engine
from app.core.errors import PharosError, UnavailableError
from app.core.logging import set_up_logging
from app.core.telemetry import set_up_telemetry
from app.serve import SUPERVISED, follow_parent
from app.settings import Settings, child_environment, get_settings


def main() -> None:
    """Be the role that the command names: `python -m app.role web`."""
    role, *options = sys.argv[1:]
    if SUPERVISED in options:
        follow_parent()
    try:
        run_role(get_settings(), role)
    except PharosError as error:
        sys.exit(f"error: {error}\n{error.hint}".rstrip())


def become_role(role: str) -> NoReturn:
    """Turn this process into that role; its number stays, and so do the signals that it is sent."""
    os.execve(sys.executable, [sys.executable, "-m", "app.role", role], child_environment({}))


def run_role(settings: Settings, role: str) -> None:
    """Be the web process or the worker until a signal says stop."""
    set_up_logging(settings.log_level)
    set_up_telemetry(role, settings.otlp_endpoint)
    url = settings.database_url.get_secret_value()
    if not url:
        raise UnavailableError("one role alone needs PHAROS_DATABASE_URL", "Or run `pharos serve` without --role.")
    engine = make_engine(url, settings.pool_size, application=f"pharos-{role}")
    # Each role imports what it needs when it starts: the worker carries no pages, the web process no schedule.
    if role == "web":
        _run_web(settings, engine)
    else:
        _run_worker(settings, engine)
    engine.dispose()


def _run_web(settings: Settings, engine: Engine) -> None:
    import uvicorn

    from app.main import create_app
    from app.web.protocol import BoundedProtocol

    config = uvicorn.Config(
        create_app(settings, engine),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
        server_header=False,
        http=BoundedProtocol,
    )
    # What the process is made of stays; a request that brings many events makes many values, and no cycles.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        sys.exit(3)


def _run_worker(settings: Settings, engine: Engine) -> None:
    from app.worker import run_worker, stop_on_signal

    stop = threading.Event()
    stop_on_signal(stop)
    run_worker(settings, engine, stop)


if __name__ == "__main__":
    main()
