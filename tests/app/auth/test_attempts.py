"""Guessing is slowed by e-mail and by address, and forgotten in time."""

from datetime import timedelta

from app.auth.attempts import MOST_KEYS, PER_ADDRESS, PER_EMAIL, WINDOW, Attempts
from tests.builders import NOW


def test_one_email_may_fail_so_often_from_anywhere() -> None:
    attempts = Attempts()
    for number in range(PER_EMAIL):
        assert attempts.wait("Kim@example.com", "10.0.0.1", NOW) is None
        attempts.fail("kim@example.com", f"10.0.1.{number}", NOW + timedelta(minutes=number))
    assert attempts.wait("kim@example.com", "10.0.0.9", NOW + timedelta(minutes=8)) == timedelta(minutes=7)
    assert attempts.wait("ann@example.com", "10.0.0.9", NOW) is None
    assert attempts.wait("kim@example.com", "10.0.0.9", NOW + WINDOW) is None


def test_one_address_may_try_so_many_names() -> None:
    attempts = Attempts()
    for number in range(PER_ADDRESS):
        attempts.fail(f"{number}@example.com", "10.0.0.1", NOW)
    assert attempts.wait("new@example.com", "10.0.0.1", NOW) == WINDOW
    assert attempts.wait("new@example.com", "10.0.0.2", NOW) is None


def test_success_wipes_the_slate_of_the_email() -> None:
    attempts = Attempts()
    for _ in range(PER_EMAIL):
        attempts.fail("kim@example.com", "10.0.0.1", NOW)
    attempts.forget("KIM@example.com")
    assert attempts.wait("kim@example.com", "10.0.0.1", NOW) is None


def test_memory_is_bounded() -> None:
    attempts = Attempts()
    for number in range(MOST_KEYS + 50):
        attempts.fail(f"{number}@example.com", "10.0.0.1", NOW)
    assert len(attempts._failures) == MOST_KEYS
