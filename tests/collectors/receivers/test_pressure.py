"""Back-pressure: doors close above the limit, stay closed until there is room, and send nobody back at one moment."""

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.core.errors import BackPressureError
from collectors.receivers import pressure
from collectors.receivers.pressure import Gauge, check_room

LIMIT = 100


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events wait, as the store would count them; every look is a fresh one."""
    lengths = [0]
    monkeypatch.setattr(pressure, "inbox_length", lambda _session: lengths[0])
    monkeypatch.setattr(pressure, "FRESH_SECONDS", -1.0)
    return lengths


def is_open(gauge: Gauge, sessions: sessionmaker[Session]) -> bool:
    try:
        check_room(gauge, sessions, LIMIT)
    except BackPressureError:
        return False
    return True


def test_doors_do_not_flap_at_the_bound(sessions: sessionmaker[Session], waiting: list[int]) -> None:
    gauge, seen = Gauge(), []
    for waiting[0] in (99, 100, 101, 100, 99, 76, 75, 99, 100, 101, 80):
        seen.append(is_open(gauge, sessions))
    assert seen == [True, True, False, False, False, False, True, True, True, False, False]


def test_senders_are_sent_back_at_different_times(sessions: sessionmaker[Session], waiting: list[int]) -> None:
    waiting[0], waits = 101, []
    for _ in range(200):
        with pytest.raises(BackPressureError) as refused:
            check_room(Gauge(), sessions, LIMIT)
        waits.append(refused.value.retry_after_seconds)
    assert set(waits) == set(range(5, 16))
