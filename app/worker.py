"""The worker process: works off the inbox, runs the schedule, and stops cleanly."""

import gc
import logging
import signal
import sys
import threading
from datetime import timedelta
from time import monotonic

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from app.core import telemetry
from app.core.clock import utc_now
from app.core.database import is_passing, listen, make_sessions, transaction
from app.events.inbox import CHANNEL as INBOX_CHANNEL
from app.events.inbox import inbox_length
from app.journeys.catalogue import SHIPPED, load_flows
from app.pipeline import Estate, Worked, remember, work_batch, work_piece, work_singly
from app.schedule import start_schedule
from app.settings import Settings

logger = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
RETREAT_SECONDS = 2.0


def run_worker(settings: Settings, engine: Engine, stop: threading.Event) -> None:
    """Work until told to stop; what was claimed and not committed is put back by the database."""
    sessions = make_sessions(engine)
    estate = make_estate(settings)
    # A batch makes many values and no cycles: looking for these at the usual pace costs a fifth of its time.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    # A job asks many short questions, and after each it would wait this long for the thread that works a batch.
    sys.setswitchinterval(0.0005)
    schedule = start_schedule(settings, engine)
    work = (sessions, estate, settings, stop)
    threads = [threading.Thread(target=_work_until_stopped, args=work) for _ in range(settings.worker_threads)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        stop.set()
        schedule.shutdown(wait=True)


def _work_until_stopped(
    sessions: sessionmaker[Session], estate: Estate, settings: Settings, stop: threading.Event
) -> None:
    while not stop.is_set():
        try:
            _work_while_listening(sessions, estate, settings, stop)
        except (SQLAlchemyError, psycopg.Error):
            logger.exception("the database is out of reach")
            stop.wait(RETREAT_SECONDS)


def make_estate(settings: Settings) -> Estate:
    """What the pipeline works with, as the settings say."""
    return Estate(load_flows(settings.flow_dir or SHIPPED), timedelta(days=settings.retention_days))


def stop_on_signal(stop: threading.Event) -> None:
    """Let SIGTERM and SIGINT end the process after the batch in hand."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=stop.set).start())


def work_off(sessions: sessionmaker[Session], estate: Estate, limit: int) -> Worked:
    """Work one batch in one transaction; when it fails, its events one by one."""
    try:
        with transaction(sessions) as session:
            worked = work_batch(session, estate, limit, utc_now())
    except Exception as error:
        if is_passing(error):
            raise
        logger.exception("a batch failed")
        return _work_singly(sessions, estate)
    remember(estate, worked)
    return worked


def _work_singly(sessions: sessionmaker[Session], estate: Estate) -> Worked:
    with transaction(sessions) as session:
        waiting = inbox_length(session)
        parked = work_singly(session, estate, 1, utc_now())
    if parked:
        logger.warning("events were set aside", extra={"parked": parked})
    return Worked(waiting)


def spread_on(sessions: sessionmaker[Session], estate: Estate) -> Worked:
    """Work one piece of what leads to very many journeys; one that fails is tried again later."""
    try:
        with transaction(sessions) as session:
            worked = work_piece(session, estate)
    except Exception as error:
        if is_passing(error):
            raise
        logger.exception("a piece failed")
        return Worked(0)
    remember(estate, worked)
    return worked


def _work_while_listening(
    sessions: sessionmaker[Session], estate: Estate, settings: Settings, stop: threading.Event
) -> None:
    with listen(sessions, INBOX_CHANNEL) as heard:
        counted_at = 0.0
        while not stop.is_set():
            worked = work_off(sessions, estate, settings.batch_events)
            spread = spread_on(sessions, estate)
            if monotonic() - counted_at > IDLE_SECONDS:
                counted_at = monotonic()
                with sessions() as session:
                    telemetry.inbox_length.set(inbox_length(session))
            if not worked.claimed and not spread.claimed:
                heard(IDLE_SECONDS)
