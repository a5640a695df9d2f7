"""Attempts at a leg: what an outage, a poisonous message and a quiet connector do to them."""

from datetime import timedelta

from app.simulator.products import POISON_SKU
from tests.app.simulator.runs import FAULT_AT, events, order_of, played, time_of

OUTAGE = timedelta(minutes=55)


def posts(story: str, **fields: object) -> list[dict]:
    return events(played(story), "erp.order.posted", **fields)


def test_no_order_is_posted_while_the_erp_is_down() -> None:
    during = [event for event in posts("erp-outage") if timedelta(seconds=15) < time_of(event) - FAULT_AT < OUTAGE]
    assert len(during) > 200
    assert all(event["data"]["outcome"] != "ok" for event in during)
    refused = [event for event in during if event["data"]["error"].get("code") == "503"]
    assert {event["data"]["error"]["message"] for event in refused} == {"NetSuite is unavailable"}
    assert {event["data"]["outcome"] for event in refused} == {"failed"}


def test_every_order_of_the_outage_is_tried_again_until_it_is_posted() -> None:
    refused = {
        order_of(event) for event in posts("erp-outage", outcome="failed") if event["data"]["error"]["code"] == "503"
    }
    posted = {order_of(event): event["data"]["attempt"] for event in posts("erp-outage", outcome="ok")}
    assert len(refused) > 100
    assert refused <= set(posted)
    assert all(posted[name] >= 2 for name in refused)


def test_attempts_are_numbered_without_a_gap() -> None:
    attempts: dict[str, list[int]] = {}
    for event in sorted(posts("erp-outage"), key=time_of):
        if event["data"]["outcome"] != "dead_lettered":
            attempts.setdefault(order_of(event), []).append(event["data"]["attempt"])
    whole = [numbers for numbers in attempts.values() if numbers == list(range(1, len(numbers) + 1))]
    # The first attempt of a few is still on its way to the door when the story ends.
    assert len(whole) > 0.99 * len(attempts)
    assert max(map(len, whole)) >= 4


def test_a_poisonous_message_fails_twice_is_parked_and_replayed_once_mended() -> None:
    parked = [
        event
        for event in posts("poison-message", outcome="dead_lettered")
        if event["data"]["error"]["message"] == f"Unknown SKU {POISON_SKU}"
    ]
    assert len(parked) > 5
    replayed = {order_of(event) for event in events(played("poison-message"), "message.replayed")}
    mended = {order_of(event): event for event in posts("poison-message", outcome="ok")}
    for event in parked:
        failed = [other for other in posts("poison-message", outcome="failed") if order_of(other) == order_of(event)]
        assert len(failed) == 2
        assert order_of(event) in replayed
        assert mended[order_of(event)]["data"]["attempt"] == 3


def test_a_quiet_connector_says_nothing_at_all() -> None:
    quiet = [
        message
        for message in played("connector-quiet")
        if message.event["data"].get("connector") == "netsuite-to-wms"
        and timedelta(minutes=5) < message.arrives_at - FAULT_AT < timedelta(minutes=45)
    ]
    assert quiet == []
    beats = events(played("connector-quiet"), "connector.heartbeat")
    assert sum(order_of(event) == "payments" for event in beats) > 230
    assert 180 < sum(order_of(event) == "netsuite-to-wms" for event in beats) < 200
