"""One alert, whole: shipped rules, the real catalogue, a mail and a signed post, at its beginning and at its end."""

from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from alerts.commands import load_shipped_rules
from alerts.deliver import deliver_due
from alerts.dispatch import outlet_of
from alerts.evaluate import evaluate_rules
from alerts.registry import notifiers_of
from app.core.database import make_sessions, transaction
from app.models.alerts import AlertRule
from app.settings import Settings
from tests.alerts.doors import address, mailbox
from tests.app.metrics.rows import NOW, POSTED, a_cause, a_stake, ago, an_exception, count

STEP = timedelta(seconds=15)


@pytest.fixture
def sessions(fresh_database: Engine) -> sessionmaker[Session]:
    """Sixty orders that the ERP did not take between two hours and half an hour ago."""
    made = make_sessions(fresh_database)
    with transaction(made) as session:
        load_shipped_rules(session, ago(180))
        a_cause(session, "c1", title="Waits to be posted to the ERP")
        for number in range(60):
            an_exception(session, f"SO-{number}", opened=120, closed=30)
            a_stake(session, f"SO-{number}", 12_500, "GBP", opened=120, closed=30, since_at=ago(600))
        for minutes in range(200):
            count(
                session,
                "events",
                minutes,
                step="order.placed",
                outcome="ok",
                channel="shopify-us",
                connector="orders-in",
            )
    return made


def live(sessions: sessionmaker[Session], settings: Settings, since: datetime, until: datetime) -> None:
    """Do what the schedule does, every 15 seconds."""
    now = since
    while now < until:
        with transaction(sessions) as session:
            evaluate_rules(session, now, outlet_of(settings))
        deliver_due(sessions, now, notifiers_of(settings))
        now += STEP


def body(mail: EmailMessage) -> str:
    plain = mail.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content()).replace("\r\n", "\n")


def test_outage_is_told_once_and_its_end_once(sessions: sessionmaker[Session]) -> None:
    with mailbox() as box, address() as door:
        settings = Settings(
            allow_private_addresses=True,
            smtp_url=box.url,
            mail_to="ops@example.com",
            webhook_url=door.url,
            webhook_secret="s",
            public_url="https://t.example",
        )
        live(sessions, settings, ago(121), ago(115))
        (began,) = box.mails
        assert began["Subject"] == "Act: 60 orders are late to post to ERP"
        assert "Orders: 60 orders\n" in body(began)
        assert "of £7,500 waiting" in body(began)
        assert "Cause: Waits to be posted to the ERP, 60 orders" in body(began)
        assert "Owner: ERP integration\n" in body(began)
        assert "Trend: 60 now, 0 an hour ago, 60 when it began\n" in body(began)
        assert f"q=step%3A{POSTED}" in body(began)
        live(sessions, settings, ago(32), ago(20))
        _, over = box.mails
        assert over["Subject"] == "Resolved: Orders are late at one step"
        assert over["References"] == began["Message-ID"]
        assert "At its worst: 60; 60 orders" in body(over)
        assert "Recovered: 60 orders" in body(over)
        assert len(door.requests) == 2


def test_shipped_rules_can_all_be_asked(sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        evaluate_rules(session, NOW, outlet_of(Settings()))
    with sessions() as session:
        rows = session.scalars(select(AlertRule)).all()
    assert {row.name: row.error for row in rows} == dict.fromkeys((row.name for row in rows), None)
    assert {row.evaluated_at for row in rows} == {NOW}
