"""Roles stack, and sessions slide up to a limit."""

from datetime import datetime, timedelta

import pytest

from app.auth.rules import ROLES, SESSION_LENGTH, SESSION_LIMIT, allows, next_expiry
from tests.builders import NOW


@pytest.mark.parametrize("needed", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_its_own_and_the_lower_ones(role: str, needed: str) -> None:
    assert allows(role, needed) == (ROLES.index(role) >= ROLES.index(needed))


def test_unknown_role_reaches_nothing() -> None:
    assert not allows("owner", "viewer")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOW + timedelta(minutes=9), None),
        (NOW + timedelta(minutes=10), NOW + timedelta(minutes=10) + SESSION_LENGTH),
        (NOW + timedelta(hours=11), NOW + timedelta(hours=23)),
    ],
)
def test_session_in_use_is_lengthened_now_and_then(now: datetime, expected: datetime | None) -> None:
    assert next_expiry(NOW, NOW + SESSION_LENGTH, now) == expected


def test_session_is_never_longer_than_its_limit() -> None:
    end = NOW + SESSION_LIMIT
    assert next_expiry(NOW, end - timedelta(hours=1), end - timedelta(hours=2)) == end
    assert next_expiry(NOW, end, end - timedelta(minutes=1)) is None
