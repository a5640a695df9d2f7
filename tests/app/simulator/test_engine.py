"""The engine is deterministic, streams in order of arrival, and its stories can be continued and repeated."""

from collections import Counter
from datetime import timedelta
from itertools import islice, pairwise
from random import Random

from app.simulator.engine import simulate
from app.simulator.estate import build_estate
from app.simulator.faults import choose_story
from tests.app.simulator.runs import START, event_key, events, order_of, played, time_of


def test_the_same_seed_tells_the_same_story() -> None:
    again = simulate(build_estate(Random(7)), choose_story("calm-day", START), START, START + timedelta(hours=1), 7)
    first = [message for message in played() if message.arrives_at < START + timedelta(hours=1)]
    assert list(again) == first
    assert played(hours=1, seed=8) != first


def test_messages_come_in_order_of_arrival_and_within_the_time_asked_for() -> None:
    arrivals = [message.arrives_at for message in played()]
    assert all(before <= after for before, after in pairwise(arrivals))
    assert START <= arrivals[0] < arrivals[-1] < START + timedelta(hours=4)
    assert all(time_of(message.event) <= message.arrives_at for message in played())


def test_a_story_can_be_told_without_an_end() -> None:
    endless = simulate(build_estate(Random(7)), choose_story("demo", START), START, START + timedelta(days=3650), 7)
    assert len(list(islice(endless, 1_000))) == 1_000


def test_one_id_is_one_event() -> None:
    told: dict[tuple[str, str], dict] = {}
    for message in played("demo"):
        assert told.setdefault(event_key(message), message.event) == message.event


def test_some_messages_are_repeated_and_in_a_storm_each_three_to_five_times() -> None:
    calm = Counter(event_key(message) for message in played())
    assert 0.002 < sum(count > 1 for count in calm.values()) / len(calm) < 0.02
    begin, end = START + timedelta(minutes=40), START + timedelta(minutes=50)
    inside = [message for message in played("duplicate-storm") if begin < time_of(message.event) < end]
    copies = Counter(Counter(event_key(message) for message in inside).values())
    assert sum(copies[count] for count in (3, 4, 5)) / copies.total() > 0.95
    assert min(copies[3], copies[4], copies[5]) > 20


def test_some_messages_overtake_others_by_minutes() -> None:
    late = [message.arrives_at - time_of(message.event) for message in played()]
    assert 0.005 < sum(lag > timedelta(minutes=1) for lag in late) / len(late) < 0.03


def test_orders_an_hour_follow_the_curve() -> None:
    channels = build_estate(Random(7)).channels
    placed = Counter(
        (event["data"]["channel"], int((time_of(event) - START).total_seconds() // 3600))
        for event in events(played(hours=24), "order.placed")
    )
    for channel in channels:
        for hour in range(23):
            begin = START.timestamp() + hour * 3600
            expected = sum(channel.orders_a_minute(begin + minute * 60) for minute in range(60))
            assert abs(placed[channel.code, hour] - expected) < 5 * expected**0.5


def test_going_on_later_brings_new_orders_and_repeats_none() -> None:
    def names(start, hours):
        return {order_of(event) for event in events(played(hours=hours, start=start), "order.placed")}

    early, late = names(START, 1), names(START + timedelta(hours=1), 1)
    assert not early & late
    # The same orders as in one go, but for what was still on its way to the door when a part ended.
    assert early < names(START, 2)
    assert len(names(START, 2) ^ (early | late)) < 0.03 * len(late)


def test_a_day_is_about_seventy_thousand_events() -> None:
    assert 65_000 < len(played(hours=24)) < 85_000
    assert 5_800 < len(events(played(hours=24), "order.placed")) < 7_200
