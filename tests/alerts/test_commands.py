"""Changes to rules and test messages."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.commands import load_shipped_rules, send_test, set_rule_enabled
from alerts.dispatch import Outlet, Receiver, outlet_of
from alerts.evaluate import evaluate_rules
from app.core.errors import ConflictError, NotFoundError
from app.models.alerts import Alert, AlertRule, Notification
from app.models.users import AuditEntry
from app.settings import Settings
from tests.alerts.figures import DEFINITION, NOON, OUTLET, Figures, add_rule
from tests.alerts.test_rule_file import GOOD


def rules(session: Session) -> dict[str, AlertRule]:
    return {row.name: row for row in session.scalars(select(AlertRule))}


def audited(session: Session) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.action, entry.subject) for entry in session.scalars(select(AuditEntry))]


def test_shipped_rules_are_stored_and_stay_as_they_are(session: Session) -> None:
    load_shipped_rules(session, NOON)
    names = set(rules(session))
    load_shipped_rules(session, NOON)
    assert set(rules(session)) == names
    assert {"revenue-at-risk", "orders-late", "connector-quiet"} <= names


def test_new_release_changes_a_shipped_rule_but_not_an_edited_one_nor_whether_it_is_on(
    session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(GOOD)
    load_shipped_rules(session, NOON, file)
    rules(session)["stuck"].is_enabled = False
    file.write_text(GOOD.replace("above: 50", "above: 70"))
    load_shipped_rules(session, NOON, file)
    row = rules(session)["stuck"]
    assert (row.definition["when"], row.is_enabled) == ({"above": 70}, False)
    row.is_edited = True
    file.write_text(GOOD)
    load_shipped_rules(session, NOON, file)
    assert rules(session)["stuck"].definition["when"] == {"above": 70}


def test_switching_off_withdraws_what_fires_and_says_so(session: Session) -> None:
    add_rule(session, **{"for": "0s"})
    figures = Figures({"revenue.at_risk": 250_000})
    evaluate_rules(session, NOON, OUTLET, figures.metrics)
    set_rule_enabled(session, "revenue", False, OUTLET, by="robin", at=NOON, metrics=figures.metrics)
    set_rule_enabled(session, "revenue", False, OUTLET, by="robin", at=NOON, metrics=figures.metrics)
    assert session.scalars(select(Alert.state)).one() == "withdrawn"
    kinds = sorted(session.scalars(select(Notification.transition)))
    assert kinds == ["firing", "firing", "withdrawn", "withdrawn"]
    assert audited(session) == [("robin", "rule.disabled", "revenue")]
    assert evaluate_rules(session, NOON, OUTLET, figures.metrics) == []


def test_switching_off_forgets_what_had_not_fired_yet(session: Session) -> None:
    add_rule(session)
    figures = Figures({"revenue.at_risk": 250_000})
    evaluate_rules(session, NOON, OUTLET, figures.metrics)
    set_rule_enabled(session, "revenue", False, OUTLET, by="robin", at=NOON, metrics=figures.metrics)
    assert session.scalars(select(Alert)).all() == []
    assert session.scalars(select(Notification)).all() == []


def test_switching_off_a_rule_that_cannot_be_read_works_too(session: Session) -> None:
    row = add_rule(session, **{"for": "0s"})
    figures = Figures({"revenue.at_risk": 250_000})
    evaluate_rules(session, NOON, OUTLET, figures.metrics)
    row.definition = {**DEFINITION, "when": {}}
    set_rule_enabled(session, "revenue", False, OUTLET, by="robin", at=NOON, metrics=figures.metrics)
    assert session.scalars(select(Alert.state)).one() == "withdrawn"


def test_unknown_rule_is_said(session: Session) -> None:
    with pytest.raises(NotFoundError):
        set_rule_enabled(session, "none", True, OUTLET, by="robin", at=NOON)


def test_test_message_goes_to_everyone_each_time(session: Session) -> None:
    assert send_test(session, OUTLET, by="robin", at=NOON) == 2
    assert send_test(session, OUTLET, by="robin", at=NOON) == 2
    assert list(session.scalars(select(Notification.transition))) == ["test"] * 4
    assert [action for _, action, _ in audited(session)] == ["alerts.tested"] * 2
    with pytest.raises(ConflictError):
        send_test(session, Outlet((), ""), by="robin", at=NOON)


def test_default_route_names_addresses_and_hides_the_path_of_the_webhook() -> None:
    settings = Settings(
        mail_to="Ops <ops@example.com>, boss@example.com, ops@example.com",
        webhook_url="https://hooks.example.com/T0/secret",
        public_url="https://tower.example/",
    )
    outlet = outlet_of(settings)
    assert outlet.receivers == (
        Receiver("ops@example.com", "email"),
        Receiver("boss@example.com", "email"),
        Receiver("hooks.example.com", "webhook"),
    )
    assert outlet.base_url == "https://tower.example"
