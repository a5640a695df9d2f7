"""Fingerprints: alike everywhere, and never alike for different parts."""

from app.core.ids import event_uid, fingerprint, journey_id


def test_parts_are_kept_apart() -> None:
    assert fingerprint("a", "bc") != fingerprint("ab", "c")


def test_an_event_is_named_by_source_and_id() -> None:
    assert event_uid("/a", "1") == event_uid("/a", "1") != event_uid("/b", "1")


def test_journeys_of_two_kinds_are_two() -> None:
    assert journey_id("order", "order:A") != journey_id("return", "order:A")
