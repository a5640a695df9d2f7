"""Queues lose nothing: what went in has come out or is still there, also in an outage."""

from datetime import timedelta

import pytest

from tests.app.simulator.runs import FAULT_AT, START, events, played, time_of

QUEUES = ("orders.us", "orders.eu", "fulfilment", "invoices")


def samples(story: str, queue: str) -> list[dict]:
    found = events(played(story), "queue.sample")
    return sorted((event for event in found if event["subject"] == queue), key=time_of)


def depth_at(story: str, queue: str, after: timedelta) -> int:
    near = [event for event in samples(story, queue) if time_of(event) <= FAULT_AT + after]
    return near[-1]["data"]["attributes"]["depth"]


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize("story", ["calm-day", "erp-outage", "flash-sale", "poison-message", "connector-quiet"])
def test_what_entered_has_left_or_is_still_there(story, queue) -> None:
    inside = 0
    for event in samples(story, queue):
        counts = event["data"]["attributes"]
        inside += counts["published"] - counts["consumed"]
        assert inside == counts["depth"] >= counts["in_flight"] >= 0
        assert (counts["oldest_age_seconds"] == 0) if inside == 0 else counts["oldest_age_seconds"] >= 0


@pytest.mark.parametrize("queue", QUEUES)
def test_there_is_a_sample_every_minute(queue) -> None:
    minutes = {time_of(event) for event in samples("calm-day", queue)}
    assert {START + timedelta(minutes=minute) for minute in range(239)} <= minutes


def test_a_calm_queue_is_never_long() -> None:
    depths = [event["data"]["attributes"]["depth"] for queue in QUEUES for event in samples("calm-day", queue)]
    assert max(depths) < 25


def test_an_outage_has_a_growing_backlog_that_drains_at_the_service_rate() -> None:
    growing = [depth_at("erp-outage", "orders.us", timedelta(minutes=minutes)) for minutes in (10, 25, 40, 54)]
    assert growing == sorted(growing)
    assert growing[-1] > 120
    assert depth_at("erp-outage", "orders.us", timedelta(minutes=75)) < growing[-1]
    assert depth_at("erp-outage", "orders.us", timedelta(hours=3)) < 10
    draining = [
        event["data"]["attributes"]["consumed"]
        for event in samples("erp-outage", "orders.us")
        if timedelta(minutes=58) < time_of(event) - FAULT_AT < timedelta(minutes=72)
    ]
    assert all(9 <= consumed <= 11 for consumed in draining)


def test_a_flash_sale_outruns_the_consumers() -> None:
    assert depth_at("flash-sale", "orders.us", timedelta(minutes=58)) > 100


def test_a_quiet_connector_leaves_its_queue_without_consumers() -> None:
    during = [
        event["data"]["attributes"]
        for event in samples("connector-quiet", "fulfilment")
        if timedelta(minutes=1) < time_of(event) - FAULT_AT < timedelta(minutes=44)
    ]
    assert {(counts["consumers"], counts["consumed"]) for counts in during[1:]} == {(0, 0)}
    assert during[-1]["depth"] > 50
    assert during[-1]["oldest_age_seconds"] > 40 * 60
    assert depth_at("connector-quiet", "fulfilment", timedelta(hours=2)) < 10
