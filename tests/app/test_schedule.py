"""Recurring jobs run when they are due, in one worker at a time, and leave room for batches."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from app.core.clock import utc_now
from app.core.database import make_sessions, transaction
from app.schedule import Job, Shop, jobs, run_job
from app.settings import Settings


@pytest.fixture
def shop(fresh_database: Engine, settings: Settings) -> Shop:
    return Shop(settings, fresh_database, make_sessions(fresh_database))


@pytest.mark.parametrize(
    ("ago", "took", "runs"),
    [
        pytest.param(0.1, 0.0, 0, id="just done by another worker"),
        pytest.param(0.6, 0.0, 1, id="due"),
        pytest.param(4.0, 5.0, 0, id="due, but it rests for as long as it took"),
        pytest.param(6.0, 5.0, 1, id="rested"),
    ],
)
def test_a_job_runs_when_it_is_due_and_rested(shop: Shop, ago: float, took: float, runs: int) -> None:
    mark = text("INSERT INTO job_marks (name, at, seconds) VALUES ('count', :at, :took)")
    with transaction(shop.sessions) as session:
        session.execute(mark, {"at": utc_now() - timedelta(seconds=ago), "took": took})
    done: list[Shop] = []
    run_job(shop, Job("count", 1, done.append))
    assert len(done) == runs


def test_every_job_runs_on_an_empty_store(shop: Shop, settings: Settings) -> None:
    for job in jobs(settings):
        run_job(shop, job)
    with shop.sessions() as session:
        marks = session.execute(text("SELECT name, error FROM job_marks")).all()
    assert {name: error for name, error in marks} == {job.name: None for job in jobs(settings)}
