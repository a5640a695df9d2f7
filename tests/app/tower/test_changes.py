"""What changed: silence, broken rates, alerts, queues and causes, newest first."""

from datetime import timedelta

from app.metrics.metric import Answer, Group
from app.tower.changes import Change, changes_of
from app.tower.readings import AlertChange, Beats
from tests.app.tower.world import FRAME, a_group, an_answer
from tests.builders import NOW

WINDOW = timedelta(hours=4)


def changes(*, seen=None, silent=(), connectors=(), alerts=(), depths=(), groups=()) -> list[Change]:
    beats = Beats(seen or {}, silent)
    return changes_of(beats, connectors, alerts, depths, groups, NOW, WINDOW, FRAME)


def texts(found: list[Change]) -> list[str]:
    return [str(change.text) for change in found]


def attempts(*counts: tuple[int, int]) -> list[Answer]:
    return [
        an_answer(
            None,
            Group({"connector": "orders"}, None, {"attempts": tried, "failed": failed}),
            at=NOW - timedelta(minutes=10) * (len(counts) - 1 - place),
        )
        for place, (tried, failed) in enumerate(counts)
    ]


def depths(*counts: int) -> list[Answer]:
    moments = [NOW - timedelta(minutes=30) * (len(counts) - 1 - place) for place in range(len(counts))]
    return [
        an_answer(count, Group({"queue": "orders.us"}, count), at=at) for count, at in zip(counts, moments, strict=True)
    ]


def test_silent_connector_is_told_at_the_time_it_was_last_heard() -> None:
    seen = NOW - timedelta(minutes=26)
    found = changes(seen={"orders": seen, "rare": seen}, silent={"orders"})
    assert found == [Change(seen, "unknown", "unknown", found[0].text, "/connectors")]
    assert texts(found) == ["<b>orders</b> went quiet, 26 m now"]


def test_broken_failure_rate_is_told_since_it_broke() -> None:
    found = changes(connectors=attempts((40, 0), (40, 1), (40, 0), (40, 40), (40, 38)))
    assert texts(found) == ["<b>orders</b> fails 95 %, usually 2.5 %"]
    assert found[0].at == NOW - timedelta(minutes=10)


def test_broken_traffic_is_told_unless_failures_explain_it() -> None:
    assert texts(changes(connectors=attempts((30, 0), (30, 0), (30, 0), (120, 0)))) == [
        "<b>orders</b> carries 4.0 × its usual traffic"
    ]
    assert len(changes(connectors=attempts((30, 0), (30, 0), (30, 0), (120, 120)))) == 1


def test_what_grows_little_by_little_is_the_time_of_day() -> None:
    assert changes(connectors=attempts((20, 0), (20, 0), (20, 0), (20, 0), (30, 0), (45, 0), (60, 0), (80, 0))) == []


def test_a_dozen_orders_in_a_quiet_hour_are_no_news() -> None:
    assert changes(connectors=attempts((6, 0), (5, 0), (6, 0), (50, 0))) == []


def test_a_rate_that_was_never_otherwise_has_not_changed() -> None:
    assert changes(connectors=attempts((40, 40), (40, 40), (40, 40))) == []
    assert changes(connectors=attempts((4, 0), (4, 0), (4, 4))) == []


def test_queue_began_to_grow_when_it_was_last_nearly_empty() -> None:
    found = changes(depths=depths(0, 2, 0, 60, 120))
    assert texts(found) == ["Queue <b>orders.us</b> began to grow, 2.0 / min"]
    assert found[0].at == NOW - timedelta(hours=1)
    assert changes(depths=depths(0, 0, 12)) == []
    assert changes(depths=depths(90, 95, 99)) == []


def test_alerts_are_told_when_they_begin_and_end() -> None:
    rising = AlertChange(NOW, False, "Revenue at risk is £2,000 and rising.", "act")
    over = AlertChange(NOW - timedelta(minutes=5), True, "A queue fills", "act")
    found = changes(alerts=[over, rising])
    assert texts(found) == ["<b>Alert</b>: Revenue at risk is £2,000 and rising.", "Over: A queue fills"]
    assert [change.level for change in found] == ["act", "quiet"]


def test_new_causes_are_told_with_the_largest_first_to_stay() -> None:
    old = a_group(cause="old", first_seen_at=NOW - timedelta(hours=5))
    assert texts(changes(groups=[old, a_group()])) == ["<b>NetSuite is unavailable</b> began: 159 orders now"]
    many = [a_group(cause=str(n), title=f"T{n}", first_seen_at=NOW - timedelta(minutes=n)) for n in range(5)]
    assert len(changes(groups=many)) == 3


def test_words_of_others_are_escaped() -> None:
    found = changes(groups=[a_group(title="<script>")])
    assert "<script>" not in texts(found)[0]


def test_newest_come_first() -> None:
    found = changes(seen={"orders": NOW - timedelta(minutes=26)}, groups=[a_group()])
    assert [change.at for change in found] == sorted((change.at for change in found), reverse=True)
