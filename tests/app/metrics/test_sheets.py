"""Every metric has a whole definition sheet, and the guide says what the sheets say."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.core.errors import NotFoundError, PayloadError
from app.metrics.catalogue import CATALOGUE, ask, ask_series, unit
from app.metrics.sheet_text import write_sheets
from tests.builders import NOW

FIRST_NAMES = """revenue.at_risk revenue.cash_delayed orders.late orders.due_soon orders.open exceptions.open latency
    arrivals.age throughput failure.rate queue.depth queue.drain_time connector.last_seen"""


def test_the_guide_is_written_from_the_sheets() -> None:
    written = Path("docs/metrics.md").read_text(encoding="utf-8")
    assert written == write_sheets(CATALOGUE.values()), "write docs/metrics.md anew with write_sheets()"


def test_the_agreed_names_are_there() -> None:
    assert set(FIRST_NAMES.split()) <= CATALOGUE.keys()
    assert all(name == metric.name for name, metric in CATALOGUE.items())
    assert (unit("revenue.at_risk"), unit("latency")) == ("money:GBP", "seconds")


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_empty_tower_knows_nothing_rather_than_zero(session: Session, name: str) -> None:
    answer = ask(session, name, NOW)
    assert (answer.value, answer.groups, answer.data_age_seconds) == (None, (), None)
    assert answer.extra["reason"]


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_dimension_can_part_and_hold(session: Session, name: str) -> None:
    for dimension in CATALOGUE[name].dimensions:
        value = "<15m" if dimension == "age" else "nothing"
        assert ask(session, name, NOW, by=(dimension,), where={dimension: value}).at == NOW


def test_questions_that_make_no_sense_are_refused(session: Session) -> None:
    with pytest.raises(NotFoundError):
        ask(session, "revenue", NOW)
    with pytest.raises(PayloadError, match="no dimension"):
        ask(session, "latency", NOW, by=("connector",))
    assert ask_series(session, "latency", []) == []
