"""Questions of many rules are put together where one answer holds them all, and read back as if asked alone."""

import pytest

from alerts.questions import Labels, Question, put_together, take_apart
from app.metrics.metric import Answer, Group
from tests.alerts.figures import NOON

LATE_US: Question = ("orders.late", (), (("channel", "us"),))
LATE_EU: Question = ("orders.late", (), (("channel", "eu"),))
LATE_BY: Question = ("orders.late", ("channel",), ())


def answer(groups: dict[tuple[str, ...], float | None], *by: str, age: float | None = 5.0) -> Answer:
    parts = tuple(Group(dict(zip(by, key, strict=True)), value) for key, value in groups.items())
    return Answer(NOON, 9, data_age_seconds=age, groups=parts)


def test_questions_that_differ_only_in_their_part_are_asked_as_one() -> None:
    assert put_together([LATE_US, LATE_EU, LATE_BY, LATE_US]) == {LATE_BY: [LATE_US, LATE_EU, LATE_BY]}


def test_a_question_that_nobody_shares_is_asked_as_it_is() -> None:
    assert put_together([LATE_US]) == {LATE_US: [LATE_US]}


@pytest.mark.parametrize(
    "metric", ["queue.depth", "connector.last_seen", "orders.in_flight_value", "revenue.unheard_of"]
)
def test_metrics_whose_parts_are_no_answers_are_asked_part_by_part(metric: str) -> None:
    asked: list[Question] = [(metric, (), (("queue", "a"),)), (metric, (), (("queue", "b"),))]
    assert put_together(asked) == {one: [one] for one in asked}


@pytest.mark.parametrize(
    ("by", "where"),
    [
        pytest.param(("age",), (("step", "a"),), id="the band of one step"),
        pytest.param((), (("age", "15m..1h"), ("step", "a")), id="a band and a step"),
        pytest.param((), (("age", "no such band"),), id="no band at all"),
    ],
)
def test_age_is_asked_alone_where_it_depends_on_the_rest(by: tuple[str, ...], where: Labels) -> None:
    asked: list[Question] = [("orders.late", by, where), ("orders.late", (*by, "age", "step"), ())]
    assert put_together(asked)[asked[0]] == [asked[0]]


def test_a_part_is_read_out_of_the_wider_answer() -> None:
    asked: Question = ("orders.late", ("channel", "step"), ())
    told = answer({("us", "a"): 3, ("us", "b"): 4, ("eu", "a"): 5, ("us", ""): 6}, "channel", "step")
    parts = take_apart(("orders.late", ("step",), (("channel", "us"),)), asked, told)
    assert {labels: part.value for labels, part in parts.by_labels.items()} == {
        (("step", "a"),): 3,
        (("step", "b"),): 4,
    }
    assert parts.value((("step", "gone"),)) == 0
    assert parts.age_seconds == 5.0


@pytest.mark.parametrize(
    ("metric", "age", "expected"),
    [
        pytest.param("orders.late", 5.0, 0, id="of a sum nothing"),
        pytest.param("throughput", 5.0, 0, id="a rate of nothing"),
        pytest.param("latency", 5.0, None, id="of anything else unknown"),
        pytest.param("orders.late", None, None, id="unknown before the first event"),
    ],
)
def test_a_part_that_is_not_listed(metric: str, age: float | None, expected: int | None) -> None:
    asked: Question = (metric, ("channel",), ())
    parts = take_apart((metric, (), (("channel", "us"),)), asked, answer({("eu",): 5}, "channel", age=age))
    assert parts.value(()) == expected


def test_where_no_value_is_known_no_part_is_nothing() -> None:
    asked: Question = ("revenue.at_risk", ("channel", "step"), ())
    told = answer({("us", "a"): None, ("eu", "a"): 5}, "channel", "step")
    by_step: Question = ("revenue.at_risk", ("step",), (("channel", "us"),))
    assert take_apart(by_step, asked, told).value((("step", "b"),)) is None
