"""Evaluations against a real database: transitions, what they leave behind, and what a restart must not change."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.alert import State
from alerts.dispatch import Outlet
from alerts.evaluate import Transition, evaluate_rules
from app.metrics.catalogue import unit
from app.models.alerts import Alert, AlertRule, Notification
from tests.alerts.figures import NOON, OUTLET, Figures, add_rule, refuse

HIGH, LOW = 250_000, 10_000


def evaluate(session: Session, figures: Figures, now: datetime, outlet: Outlet = OUTLET) -> list[Transition]:
    session.flush()
    session.expire_all()
    return evaluate_rules(session, now, outlet, figures.metrics)


def after(**length: float) -> datetime:
    return NOON + timedelta(**length)


def transitions(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(Notification.transition, Notification.receiver).order_by(Notification.created_at))
    return sorted((row.transition, row.receiver) for row in rows)


def states(found: list[Transition]) -> list[tuple[State, State]]:
    return [(one.before, one.after) for one in found]


def test_alert_is_pending_then_fires_then_resolves_and_each_is_told_once(session: Session) -> None:
    add_rule(session)
    figures = Figures({"revenue.at_risk": HIGH})
    assert states(evaluate(session, figures, NOON)) == [(State.INACTIVE, State.PENDING)]
    assert transitions(session) == []
    assert evaluate(session, figures, after(seconds=60)) == []
    assert states(evaluate(session, figures, after(seconds=120))) == [(State.PENDING, State.FIRING)]
    assert transitions(session) == [("firing", "hooks.example.com"), ("firing", "ops@example.com")]
    figures.says["revenue.at_risk"] = LOW
    assert evaluate(session, figures, after(seconds=180)) == []
    assert states(evaluate(session, figures, after(seconds=480))) == [(State.FIRING, State.RESOLVED)]
    assert [kind for kind, _ in transitions(session)] == ["firing", "firing", "resolved", "resolved"]
    alert = session.scalars(select(Alert)).one()
    assert (alert.pending_at, alert.firing_at, alert.resolved_at) == (NOON, after(seconds=120), after(seconds=480))
    assert alert.summary["peak"] == HIGH


def test_evaluating_twice_at_one_moment_repeats_nothing(session: Session) -> None:
    add_rule(session, **{"for": "0s"})
    figures = Figures({"revenue.at_risk": HIGH})
    assert len(evaluate(session, figures, NOON)) == 1
    assert evaluate(session, figures, NOON) == []
    assert len(transitions(session)) == 2


def test_same_episode_written_by_somebody_else_already_is_not_told_again(session: Session) -> None:
    add_rule(session, **{"for": "0s"})
    figures = Figures({"revenue.at_risk": HIGH})
    evaluate(session, figures, NOON)
    session.delete(session.scalars(select(Alert)).one())
    evaluate(session, figures, NOON)
    assert len(transitions(session)) == 2


def test_restart_while_pending_keeps_when_it_began(session: Session) -> None:
    add_rule(session)
    figures = Figures({"revenue.at_risk": HIGH})
    evaluate(session, figures, NOON)
    session.flush()
    session.expunge_all()
    found = evaluate_rules(session, after(seconds=125), OUTLET, Figures({"revenue.at_risk": HIGH}).metrics)
    assert states(found) == [(State.PENDING, State.FIRING)]
    assert session.scalars(select(Alert.pending_at)).one() == NOON


def test_condition_that_does_not_last_leaves_nothing(session: Session) -> None:
    add_rule(session)
    figures = Figures({"revenue.at_risk": HIGH})
    evaluate(session, figures, NOON)
    figures.says["revenue.at_risk"] = LOW
    assert states(evaluate(session, figures, after(seconds=60))) == [(State.PENDING, State.INACTIVE)]
    assert session.scalar(select(func.count()).select_from(Alert)) == 0


@pytest.mark.parametrize("unknown", [None, refuse(), "stale"])
def test_unknown_keeps_what_fires(session: Session, unknown: object) -> None:
    add_rule(session, **{"for": "0s", "clear": {"for": "0s"}})
    figures = Figures({"revenue.at_risk": HIGH})
    evaluate(session, figures, NOON)
    figures.says["revenue.at_risk"] = LOW if unknown == "stale" else unknown
    figures.age_seconds = 7200 if unknown == "stale" else 5
    assert evaluate(session, figures, after(hours=1)) == []
    assert session.scalars(select(Alert.state)).one() == "firing"
    row = session.scalars(select(AlertRule)).one()
    assert row.reading is not None
    assert row.reading["verdict"] == "unknown"


def test_every_part_has_its_own_alert_and_a_part_of_a_sum_that_is_gone_is_nothing(session: Session) -> None:
    add_rule(
        session,
        name="late",
        metric="orders.late",
        by=["step"],
        when={"above": 25},
        clear={},
        summary="{value} orders are late {step}.",
        **{"for": "0s"},
    )
    figures = Figures({"orders.late": {"erp.order.posted": 30, "fulfilment.shipped": 3, "": 99}})
    assert [one.labels for one in evaluate(session, figures, NOON)] == [{"step": "erp.order.posted"}]
    message = session.scalars(select(Notification.message)).first()
    assert message is not None
    assert message["sentence"] == "30 orders are late to post to ERP."
    figures.says["orders.late"] = {"fulfilment.shipped": 3}
    assert states(evaluate(session, figures, after(minutes=1))) == [(State.FIRING, State.RESOLVED)]


def test_a_part_of_anything_else_that_is_gone_is_unknown(session: Session) -> None:
    add_rule(session, metric="queue.depth", by=["queue"], when={"above": 50}, clear={}, **{"for": "0s"})
    figures = Figures({"queue.depth": {"orders.us": 60}})
    evaluate(session, figures, NOON)
    figures.says["queue.depth"] = {"orders.eu": 1}
    assert evaluate(session, figures, after(minutes=1)) == []


def test_a_rule_that_cannot_be_read_or_asked_says_why_and_stops_no_other(session: Session) -> None:
    add_rule(session, name="broken", when={"abvoe": 1})
    add_rule(session, name="unasked", metric="orders.late")
    add_rule(session, **{"for": "0s"})
    figures = Figures({"revenue.at_risk": HIGH, "orders.late": refuse("no such metric")})
    assert [one.rule for one in evaluate(session, figures, NOON)] == ["revenue"]
    errors = {row.name: row.error for row in session.scalars(select(AlertRule))}
    assert "when.abvoe" in (errors["broken"] or "")
    assert errors["unasked"] == "orders.late: no such metric"
    assert errors["revenue"] is None


def test_one_question_is_asked_once_for_all_rules(session: Session) -> None:
    for name in ("one", "two", "three"):
        add_rule(session, name=name)
    figures = Figures({"revenue.at_risk": LOW})
    evaluate(session, figures, NOON)
    assert figures.questions == ["revenue.at_risk"]


def test_a_message_without_its_money_is_still_sent(session: Session) -> None:
    add_rule(session, metric="orders.late", when={"above": 25}, clear={}, **{"for": "0s"})
    figures = Figures({"orders.late": 30, "revenue.at_risk": refuse()})
    evaluate(session, figures, NOON)
    message = session.scalars(select(Notification.message)).first()
    assert message is not None
    assert {fact["name"]: fact["text"] for fact in message["facts"]}["Money"] == "unknown"


def test_real_catalogue_of_an_empty_estate_fires_nothing(session: Session) -> None:
    add_rule(session)
    assert evaluate_rules(session, NOON, OUTLET) == []
    assert unit("revenue.at_risk").startswith("money:")
