"""The tower on a real database: each region says what the catalogue says, now and then."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.core.money import Money, format_money
from app.exceptions.filters import ExceptionFilter
from app.exceptions.queries import list_groups
from app.exceptions.selection import as_of
from app.metrics.catalogue import ask
from app.models.alerts import Alert
from tests.app.metrics.rows import a_sample
from tests.app.tower.world import a_journey, an_outage
from tests.builders import NOW

REGIONS = ("strip", "headline", "map", "first", "trend", "changes")
MOST_STATEMENTS = 48
BEFORE = (NOW - timedelta(minutes=45)).strftime("%Y-%m-%dT%H:%MZ")


def figures(html: str) -> dict[str, str]:
    """The six figures of the strip, by label."""
    tiles = re.findall(r'<div class="tile-label">([^<]+?)\s*<.*?data-watch>([^<]*)<', html, re.DOTALL)
    return {label.split(",")[0].strip(): value for label, value in tiles}


def heading(html: str) -> str:
    found = re.search(r'<h2 id="finding">.*?</svg>(.*?)</h2>', html, re.DOTALL)
    return re.sub(r"<[^>]+>", " ", found[1]) if found else ""


def test_strip_says_what_the_catalogue_says(viewer: TestClient, session: Session) -> None:
    an_outage(session)
    a_sample(session, at=1, depth=612)
    shown = figures(viewer.get("/tower").text)
    at_risk = ask(session, "revenue.at_risk", NOW).value
    assert shown["Revenue at risk"] == format_money(Money(int(at_risk or 0), "GBP"))
    assert shown["Orders late now"] == str(ask(session, "orders.late", NOW).value)
    assert shown["Late within the hour"] == str(ask(session, "orders.due_soon", NOW).value)
    assert shown["Oldest open exception"] == "39 m"
    assert shown["Backlog"] == "612"
    assert float(shown["Events a minute"]) > 0
    assert ask(session, "orders.late", NOW).value == 23


def test_headline_names_the_outage(viewer: TestClient, session: Session) -> None:
    an_outage(session)
    html = viewer.get("/tower/_headline").text
    assert "NetSuite is unavailable: 39 orders worth £3,900 held back since 11:20" in heading(html)
    assert heading(html).split()[0] == "Act"
    assert "ERP integration looks after it: check the ERP connector." in html


def test_map_says_what_the_catalogue_says(viewer: TestClient, session: Session) -> None:
    an_outage(session)
    html = viewer.get("/tower/_map").text
    flight = ask(session, "orders.in_flight", NOW, by=("channel", "step"))
    held = ask(session, "exceptions.open", NOW, by=("channel", "step"))
    for answer in (flight, held):
        assert {group.by["channel"] for group in answer.groups} == {"amazon-uk", "shopify-us"}
    waiting = {group.by["channel"]: group for group in held.groups if group.by["step"] == "erp.order.posted"}
    assert {name: group.value for name, group in waiting.items()} == {"amazon-uk": 19, "shopify-us": 20}
    assert "Shopify US, Posted to ERP: 20 failed, £2,000 waiting" in html
    assert "Amazon UK, Posted to ERP: 19 failed, £1,900 waiting" in html
    assert 'href="/exceptions?q=channel%3Ashopify-us+step%3Aerp.order.posted"' in html
    assert html.count('<svg class="flow flow-') == 2
    assert "Show as table" in html


def test_do_first_lists_the_causes(viewer: TestClient, session: Session) -> None:
    an_outage(session)
    html = viewer.get("/tower/_first").text
    groups = list_groups(session, ExceptionFilter(), as_of(session, NOW, "GBP"))
    assert [f'id="first-{group.cause}"' in html for group in groups] == [True] * len(groups)
    assert f"All {ask(session, 'exceptions.open', NOW).value} exceptions" in html
    assert f'href="/exceptions?q=cause%3A{groups[0].cause}"' in html


def test_trend_and_changes_tell_of_the_outage(viewer: TestClient, session: Session) -> None:
    an_outage(session)
    assert "Failures to post to ERP began at 11:20 and go on" in viewer.get("/tower/_trend").text
    html = viewer.get("/tower/_changes").text
    assert "NetSuite is unavailable</b> began" in html
    assert "39 orders now" in html
    assert "<b>orders-to-netsuite</b> fails 100 %" not in html  # too few attempts to call it a rate


def test_alerts_that_fired_are_changes(viewer: TestClient, session: Session) -> None:
    an_outage(session)
    fired = {"fired": "Revenue at risk is £2,000 and rising."}
    session.add(
        Alert(
            id=a_journey(1), fingerprint="f", rule="revenue-at-risk", labels={}, state="firing", summary=fired,
            pending_at=NOW, firing_at=NOW - timedelta(minutes=5), evaluated_at=NOW,
        )
    )  # fmt: skip
    assert "<b>Alert</b>: Revenue at risk is £2,000 and rising." in viewer.get("/tower/_changes").text


def test_page_is_made_of_its_fragments(viewer: TestClient, session: Session) -> None:
    an_outage(session)
    page = viewer.get("/tower").text
    for region in REGIONS:
        fragment = viewer.get(f"/tower/_{region}").text
        assert f'id="tower-{region}"' in fragment
        assert fragment.strip() in page


def test_past_is_shown_as_it_was(viewer: TestClient, session: Session) -> None:
    an_outage(session)
    html = viewer.get(f"/tower?at={BEFORE}").text
    assert "Nothing needs you: two channels flow" in heading(html)
    assert figures(html)["Orders late now"] == "0"
    assert f'hx-get="/tower/_strip?at={BEFORE.replace(":", "%3A")}"' in html
    assert f"/exceptions?at={BEFORE.replace(':', '%3A')}&amp;q=status%3Alate" in html
    assert "data-stream" not in html
    assert "failed," not in viewer.get(f"/tower/_map?at={BEFORE}").text


def test_empty_estate_is_unknown_everywhere(viewer: TestClient) -> None:
    html = viewer.get("/tower").text
    assert set(figures(html).values()) == {"Unknown"}
    assert "Nothing is known yet: no event has come in" in html
    assert html.count("region is-unknown") == 4
    assert "is-ok" not in html
    assert "0.0 orders" not in html


def test_silent_estate_is_stale(viewer: TestClient, session: Session, clock) -> None:
    an_outage(session)
    clock.now = NOW + timedelta(hours=1)
    html = viewer.get("/tower").text
    assert "No news for" in heading(html)
    assert html.count("tile is-stale") == 5


@pytest.mark.parametrize("window", ["-1h", "-24h", "-7d"])
def test_every_window_answers(viewer: TestClient, session: Session, window: str) -> None:
    an_outage(session)
    assert viewer.get("/tower", params={"from": window}).status_code == 200


def test_page_takes_a_bounded_number_of_statements(viewer: TestClient, session: Session, engine: Engine) -> None:
    an_outage(session)
    viewer.get("/tower")
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        viewer.get("/tower")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert 0 < len(statements) <= MOST_STATEMENTS
