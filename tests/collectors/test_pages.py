"""The pages of connectors and queues: filled, empty, in the past, and refreshed region by region."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.app.metrics.rows import a_sample, count
from tests.builders import NOW

PAGES = ["/connectors", "/connectors/_table", "/queues", "/queues/_table", "/queues/_depth"]


@pytest.fixture
def traffic(session: Session) -> None:
    for minutes in range(1, 30):
        count(session, "events", minutes, connector="shop <b>", step="order.placed", outcome="ok")
        a_sample(session, "orders.us", at=minutes, depth=minutes, published=10, consumed=11)
    session.flush()


@pytest.mark.parametrize("path", PAGES)
def test_region_says_when_there_is_nothing(viewer: TestClient, path: str) -> None:
    answer = viewer.get(path)
    assert answer.status_code == 200
    assert 'class="region is-empty"' in answer.text or 'class="region is-unknown"' in answer.text
    assert "is-ok" not in answer.text


@pytest.mark.usefixtures("traffic")
def test_connectors_page_shows_them_escaped(viewer: TestClient) -> None:
    text = viewer.get("/connectors").text
    assert "shop &lt;b&gt;" in text
    assert 'hx-get="/connectors/_table"' in text
    assert "/live?topics=connectors" in text
    assert 'hx-get="/connectors/_table"' in viewer.get("/connectors/_table").text


@pytest.mark.usefixtures("traffic")
@pytest.mark.parametrize(
    ("ahead", "words"), [(425.0, "7 m ahead"), (0.4, ">right<"), (-7200.0, "2 h late"), (None, "not measured")]
)
def test_clock_of_a_connector_is_said_in_words(
    viewer: TestClient, session: Session, ahead: float | None, words: str
) -> None:
    if ahead is not None:
        put = "INSERT INTO clock_skews (connector, at, seconds, events) VALUES ('shop <b>', :at, :ahead, 5)"
        session.execute(text(put), {"at": NOW, "ahead": ahead})
    shown = viewer.get("/connectors").text
    assert words in shown
    assert ("is-watch" in shown) is (ahead == 425.0)


@pytest.mark.usefixtures("traffic")
def test_queues_page_shows_drain_and_depth(viewer: TestClient) -> None:
    text = viewer.get("/queues").text
    assert "orders.us" in text
    assert "1 m" in text
    assert 'data-plot="queues-chart-figure"' in text
    assert "orders.us shrank from 25 to 1 in 4 h" in text


@pytest.mark.usefixtures("traffic")
def test_past_is_shown_and_does_not_refresh(viewer: TestClient) -> None:
    text = viewer.get("/connectors?at=2026-11-23T11:00Z").text
    assert "No connector has spoken" in text
    assert "As of Mon 23 Nov 11:00" in text
    assert "data-stream" not in text
    assert "at=2026-11-23T11%3A00Z" in text.partition("hx-get=")[2][:120]


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_who_is_signed_in(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 303
