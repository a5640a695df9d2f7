"""The page of alerts and its regions, as each role sees and uses them."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.evaluate import evaluate_rules
from app.models.alerts import AlertRule, Notification
from app.models.users import AuditEntry
from app.settings import Settings
from tests.alerts.figures import NOON, OUTLET, Figures, add_rule

BEGAN = NOON - timedelta(hours=2)


@pytest.fixture
def told(app: FastAPI, settings: Settings) -> FastAPI:
    app.state.settings = settings.model_copy(update={"mail_to": "ops@example.com"})
    return app


@pytest.fixture
def fired(session: Session) -> None:
    """One alert that has fired for two hours, and one that is pending."""
    add_rule(session, **{"for": "0s"})
    add_rule(session, name="waiting", metric="orders.late", summary="{value} orders are late.", **{"for": "3h"})
    figures = Figures({"revenue.at_risk": 250_000, "orders.late": 4000})
    for minutes in (0, 60, 119):
        evaluate_rules(session, BEGAN + timedelta(minutes=minutes), OUTLET, figures.metrics)


def end(session: Session) -> None:
    evaluate_rules(session, NOON - timedelta(seconds=50), OUTLET, Figures({"revenue.at_risk": 0}).metrics)
    evaluate_rules(session, NOON + timedelta(minutes=10), OUTLET, Figures({"revenue.at_risk": 0}).metrics)


def test_page_says_first_what_fires(viewer: TestClient, fired: None) -> None:
    answer = viewer.get("/alerts")
    assert answer.status_code == 200
    assert "1 alert fires: Revenue at risk is £2,500." in answer.text
    assert "4,000 orders are late." in answer.text
    assert "Act when revenue at risk is above £1,000" in answer.text
    assert "ops@example.com" in answer.text
    assert "Nobody is told" in answer.text


def test_calm_page_says_so(viewer: TestClient) -> None:
    text = viewer.get("/alerts").text
    assert "No alert fires" in text
    assert "Nothing has been sent" in text


def test_page_of_the_past_shows_what_fired_then(viewer: TestClient, session: Session, fired: None) -> None:
    end(session)
    then = viewer.get("/alerts", params={"at": (NOON - timedelta(hours=1)).isoformat()}).text
    assert "1 alert fires" in then
    before = viewer.get("/alerts", params={"at": (BEGAN - timedelta(hours=1)).isoformat()}).text
    assert "No alert fires" in before


@pytest.mark.parametrize("part", ["_list", "_rules", "_log"])
def test_region_is_part_of_the_page(viewer: TestClient, fired: None, part: str) -> None:
    region = viewer.get(f"/alerts/{part}")
    assert region.status_code == 200
    assert f'hx-get="/alerts/{part}"' in region.text
    assert region.text.strip() in viewer.get("/alerts").text


def test_operator_switches_a_rule_off_and_on(operator: TestClient, session: Session, fired: None) -> None:
    assert "Switch off" in operator.get("/alerts").text
    answer = operator.post("/alerts/rules/revenue/switch", data={"is_enabled": "false"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts#rules")
    assert session.get_one(AlertRule, "revenue").is_enabled is False
    assert "Withdrawn" in operator.get("/alerts").text
    operator.post("/alerts/rules/revenue/switch", data={"is_enabled": "true"})
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "revenue")).all()
    assert sorted(actions) == ["rule.disabled", "rule.enabled"]


def test_viewer_changes_nothing(viewer: TestClient, session: Session, fired: None) -> None:
    assert "Switch off" not in viewer.get("/alerts").text
    assert viewer.post("/alerts/rules/revenue/switch", data={"is_enabled": "false"}).status_code == 403
    assert viewer.post("/alerts/tests").status_code == 403
    assert session.get_one(AlertRule, "revenue").is_enabled is True


def test_operator_sends_a_test_message(told: FastAPI, operator: TestClient, session: Session) -> None:
    assert operator.post("/alerts/tests").status_code == 303
    assert session.scalars(select(Notification.receiver)).all() == ["ops@example.com"]
    text = operator.get("/alerts").text
    assert "Test: messages from the tower reach you" in text
    assert "PHAROS_SMTP_URL is not set" in text


def test_test_message_to_nobody_is_refused(operator: TestClient) -> None:
    assert operator.post("/alerts/tests").status_code == 409
