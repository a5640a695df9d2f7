"""What earlier days and weeks teach about this hour."""

from datetime import timedelta

from app.metrics.metric import Answer, Group
from app.tower.earlier import same_hours, usual_of
from app.tower.usual import NONE, Stock, Usual
from tests.app.tower.world import an_answer
from tests.builders import NOW

POST, SHIP = "erp.order.posted", "fulfilment.shipped"
UNKNOWN = Answer(NOW, None)


def of_day(orders: int, pounds: int = 0, *more: Group) -> Answer:
    group = held(orders, pounds)
    return an_answer(orders, group, *more, gross=pounds * 100)


def held(orders: int, pounds: int = 0, cause: str = "c1", step: str = POST, channel: str = "walmart") -> Group:
    return Group({"channel": channel, "step": step, "cause": cause}, orders, {"gross": pounds * 100})


def learn(*answers: Answer) -> Usual:
    return usual_of(answers, answers, 100)


def test_the_same_hour_of_days_and_weeks_is_asked_about() -> None:
    days = [(NOW - moment) // timedelta(days=1) for moment in same_hours(NOW)]
    assert days == [1, 2, 3, 7, 14]


def test_the_same_hour_of_the_week_comes_before_the_last_days() -> None:
    assert learn(of_day(4), of_day(5), of_day(6), of_day(30), of_day(40)).late == 30
    assert learn(of_day(4), of_day(5), of_day(6), of_day(30), UNKNOWN).late == 4


def test_one_bad_day_teaches_nothing() -> None:
    assert learn(of_day(400, 9_000), of_day(5, 60), UNKNOWN, UNKNOWN, UNKNOWN).total == Stock(5, 60)


def test_one_day_alone_teaches_nothing() -> None:
    usual = learn(of_day(400), UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
    assert (usual, usual.at(("walmart", POST)), usual.of("c1")) == (Usual(), NONE, NONE)


def test_places_add_causes_up_and_a_cause_counts_at_its_largest_step() -> None:
    day = of_day(5, 60, held(3, 40, "c2"), held(2, 10, step=SHIP), held(4, 20, channel="amazon-uk"))
    usual = learn(day, day, UNKNOWN, UNKNOWN, UNKNOWN)
    assert usual.at(("walmart", POST)) == Stock(8, 100)
    assert usual.of("c1") == Stock(9, 80)
    assert usual.of("c2") == Stock(3, 40)
