"""The one table of recurring jobs: name, interval, function; each runs in one worker at a time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic, perf_counter

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from alerts.deliver import deliver_due
from alerts.dispatch import outlet_of
from alerts.evaluate import evaluate_rules
from alerts.registry import notifiers_of
from app.core.clock import utc_now
from app.core.database import make_sessions, notify, transaction, try_lock
from app.core.telemetry import tracer
from app.events.clocks import measure_clocks
from app.events.partitions import AHEAD, drop_before, ensure_days
from app.settings import Settings

logger = logging.getLogger(__name__)

RETAKE_SECONDS = 1.5  # well below its interval, so that runs do not meet


@dataclass(frozen=True, slots=True)
class Shop:
    """What jobs work with."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]


@dataclass(frozen=True, slots=True)
class Job:
    """A recurring job."""

    name: str
    seconds: float
    run: Callable[[Shop], None]


def jobs(settings: Settings) -> tuple[Job, ...]:
    """Every job there is."""
    return (
        Job("tick", 5, tick),
        Job("rules", settings.rule_interval_seconds, run_rules),
        Job("deliveries", 2, run_deliveries),
        Job("retakes", 4, run_retakes),
        Job("clocks", 300, measure_skews),
        Job("partitions", 3600, keep_partitions),
    )


def start_schedule(settings: Settings, engine: Engine) -> BackgroundScheduler:
    """Start the jobs in threads of this process; each is due at once."""
    shop = Shop(settings, engine, make_sessions(engine))
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    for job in jobs(settings):
        scheduler.add_job(
            run_job,
            "interval",
            (shop, job),
            id=job.name,
            seconds=job.seconds,
            next_run_time=utc_now(),
            misfire_grace_time=None,
        )
    scheduler.start()
    return scheduler


def run_job(shop: Shop, job: Job) -> None:
    """Run a job unless another worker is at it or has just done it; its mark says when, how long and how it ended."""
    started, error = perf_counter(), None
    try:
        with try_lock(shop.engine, f"job:{job.name}") as held:
            if held is None or _is_fresh(shop, job):
                return
            with tracer.start_as_current_span(f"job.{job.name}"):
                job.run(shop)
            _mark(shop, job, perf_counter() - started, error)
    except Exception as problem:  # one of the four doors: one job
        logger.exception("a job failed", extra={"job": job.name})
        error = f"{type(problem).__name__}: {problem}"[:500]
        _mark_failed(shop, job, perf_counter() - started, error)


def tick(shop: Shop) -> None:
    """Tell open pages when deadlines have passed in silence: nothing was written at that moment."""
    now = utc_now()
    opened = text(
        "SELECT DISTINCT journey_id FROM exceptions"
        " WHERE closed_at IS NULL AND opened_at > :since AND opened_at <= :now AND due_at <= :now LIMIT 60"
    )
    with transaction(shop.sessions) as session:
        journeys = session.execute(opened, {"since": now - timedelta(seconds=6), "now": now}).scalars().all()
        if journeys:
            notify(session, ",".join(["tower", "exceptions", "orders", *(f"journey-{one}" for one in journeys)]))


def run_rules(shop: Shop) -> None:
    """Evaluate alert rules."""
    with transaction(shop.sessions) as session:
        evaluate_rules(session, utc_now(), outlet_of(shop.settings))


def run_deliveries(shop: Shop) -> None:
    """Send the messages that are due."""
    deliver_due(shop.sessions, utc_now(), notifiers_of(shop.settings))


def run_retakes(shop: Shop) -> None:
    """Take in again what people asked for, a little at a time, so that the worker can stop in between."""
    with shop.sessions() as session:
        if session.execute(text("SELECT NOT EXISTS (SELECT FROM long_jobs WHERE finished_at IS NULL)")).scalar_one():
            return
    # Reading again needs what every door knows, OTLP and mappings included: most workers never do.
    from collectors.retake import work_piece

    until = monotonic() + RETAKE_SECONDS
    while monotonic() < until:
        with transaction(shop.sessions) as session:
            if not work_piece(session, shop.settings, utc_now()):
                return


def measure_skews(shop: Shop) -> None:
    """Measure how far the clocks of senders are from ours."""
    with transaction(shop.sessions) as session:
        measure_clocks(session, utc_now(), timedelta(days=shop.settings.retention_days))


def keep_partitions(shop: Shop) -> None:
    """Have the partitions of the days around today ready, and drop those past their age."""
    today = utc_now().date()
    retention = timedelta(days=shop.settings.retention_days)
    with transaction(shop.sessions) as session:
        days = {today + timedelta(days=offset) for offset in range(-1, AHEAD.days + 1)}
        ensure_days(session, days, today, retention)
    # A transaction of its own: a receiver may hold the table that is wanted now, and wait for the day just made.
    with transaction(shop.sessions) as session:
        gone = drop_before(session, today - retention)
    if gone:
        logger.info("partitions dropped", extra={"days": [day.isoformat() for day in gone]})


def _is_fresh(shop: Shop, job: Job) -> bool:
    """Whether it ran too short a while ago; what takes long rests for as long, and leaves room for batches."""
    with shop.sessions() as session:
        mark = session.execute(text("SELECT at, seconds FROM job_marks WHERE name = :name"), {"name": job.name}).first()
    return mark is not None and (utc_now() - mark.at).total_seconds() < max(job.seconds * 0.5, mark.seconds)


def _mark(shop: Shop, job: Job, seconds: float, error: str | None) -> None:
    put = text(
        "INSERT INTO job_marks (name, at, seconds, error) VALUES (:name, :at, :seconds, :error)"
        " ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at, seconds = EXCLUDED.seconds, error = EXCLUDED.error"
    )
    with transaction(shop.sessions) as session:
        session.execute(put, {"name": job.name, "at": utc_now(), "seconds": seconds, "error": error})


def _mark_failed(shop: Shop, job: Job, seconds: float, error: str) -> None:
    try:
        _mark(shop, job, seconds, error)
    except Exception:
        logger.exception("a job's failure could not be noted", extra={"job": job.name})
