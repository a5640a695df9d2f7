"""Migration 0007: what was counted in two rows is counted in one, exactly, and can be parted again."""

from datetime import timedelta

from alembic import command
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.core.migrate import alembic_config, migrate
from app.journeys.catalogue import load_flows
from app.pipeline import Estate, work_events
from app.series.maths import UNTIMED, ZERO_BUCKET, bucket_of
from app.verify.run import verify
from tests.builders import NOW, an_event

RETENTION = timedelta(days=90)
COUNTED = "SELECT metric, step, grain, bucket, at, count FROM rollups JOIN series ON id = series_id WHERE count <> 0"
Counted = dict[tuple[object, ...], int]


def told(session: Session) -> None:
    """An order that went on as usual, and one that was posted before it was placed, if clocks are believed."""
    for name, posted in (("A", 7), ("B", -3)):
        order = (("order", name),)
        events = [
            an_event("order.placed", id=f"{name}1", keys=order),
            an_event("erp.order.posted", id=f"{name}2", keys=order, at=NOW + timedelta(minutes=posted)),
        ]
        work_events(session, Estate(load_flows(), RETENTION), events, NOW)


def counted(engine: Engine) -> Counted:
    with engine.connect() as connection:
        return {tuple(row[:5]): row.count for row in connection.execute(text(COUNTED))}


def of_posted(counts: Counted, metric: str) -> dict[tuple[int, int], int]:
    """Counts by minutes from now and bucket."""
    return {
        ((at - NOW) // timedelta(minutes=1), bucket): count  # type: ignore[operator,misc]
        for (named, step, grain, bucket, at), count in counts.items()
        if (named, step, grain) == (metric, "erp.order.posted", 60)
    }


def test_counts_of_reached_and_latency_become_one_and_part_again(fresh_database: Engine) -> None:
    with Session(fresh_database) as session, session.begin():
        told(session)
    before = counted(fresh_database)
    seven_minutes = bucket_of(420)
    both = {(7, seven_minutes): 1, (-3, UNTIMED): 1, (0, ZERO_BUCKET): 1, (0, UNTIMED): -1}
    assert of_posted(before, "reached") == both
    with fresh_database.begin() as connection:
        command.downgrade(alembic_config(connection), "0006")
    parted = counted(fresh_database)
    assert of_posted(parted, "reached") == {(7, 0): 1, (-3, 0): 1}
    assert of_posted(parted, "latency") == {(7, seven_minutes): 1, (0, ZERO_BUCKET): 1}
    migrate(fresh_database)
    assert counted(fresh_database) == before
    with Session(fresh_database) as session:
        assert verify(session, load_flows(), RETENTION, NOW).is_clean
