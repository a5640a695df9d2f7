"""Courses of figures: the past remembered for a minute, the present asked anew."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.metrics.catalogue import ask_series
from app.tower import memory
from app.tower.memory import Memory, ask_course
from app.tower.queries import moments
from tests.app.tower.world import an_outage
from tests.builders import NOW

WINDOW = timedelta(hours=4)


def test_course_is_what_the_catalogue_says(session: Session) -> None:
    an_outage(session)
    ats = moments(NOW, WINDOW)
    kept = Memory()
    asked = ask_series(session, "exceptions.open", ats)
    assert ask_course(session, kept, "exceptions.open", ats) == asked
    assert ask_course(session, kept, "exceptions.open", ats) == asked
    assert asked[-1].value == 39


def test_only_the_last_time_is_asked_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    an_outage(session)
    asked: list[int] = []
    monkeypatch.setattr(memory, "ask_series", lambda *a, **k: (asked.append(len(a[2])), ask_series(*a, **k))[1])
    kept, ats = Memory(), moments(NOW, WINDOW)
    ask_course(session, kept, "orders.late", ats)
    ask_course(session, kept, "orders.late", ats)
    ask_course(session, kept, "orders.late", ats, where={"channel": "amazon-uk"})
    assert asked == [len(ats), 1, len(ats)]


def test_what_is_kept_is_forgotten_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(memory, "monotonic", lambda: now[0])
    kept = Memory()
    assert kept.once("a", lambda: 1) == 1
    assert kept.once("a", lambda: 2) == 1
    now[0] += memory.KEPT_SECONDS
    assert kept.once("a", lambda: 2) == 2


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_KEPT", 2)
    kept = Memory()
    for name in "abc":
        kept.keep(name, name)
    assert [kept.recall(name) for name in "abc"] == [None, "b", "c"]


@pytest.mark.parametrize("hours", [1, 4, 24, 168])
def test_moments_span_the_window_and_share_round_times(hours: int) -> None:
    window = timedelta(hours=hours)
    first, second = moments(NOW + timedelta(seconds=17), window), moments(NOW + timedelta(seconds=18), window)
    assert first == sorted(first)
    assert window <= first[-1] - first[0] < window + timedelta(minutes=1)
    assert first[:-1] == second[:-1]
