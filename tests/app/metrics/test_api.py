"""The API and the pages of metrics."""

import csv
import io
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.metrics.catalogue import CATALOGUE
from tests.app.metrics.rows import a_cause, a_stake, ago, count
from tests.builders import NOW

HOUR = 60


@pytest.fixture(autouse=True)
def _facts(session: Session) -> None:
    a_cause(session)
    a_stake(session, "A", 10_000, opened=4 * HOUR)
    count(session, "events", 10, 3, channel="amazon-uk", step="order.placed", outcome="ok")
    count(session, "events", 10, 1, channel="amazon-uk", step="order.placed", outcome="failed")
    session.flush()


def test_the_catalogue_is_listed_with_its_sheets(viewer: TestClient) -> None:
    listed = {one["name"]: one for one in viewer.get("/api/v1/metrics").json()}
    assert listed.keys() == CATALOGUE.keys()
    assert listed["revenue.at_risk"]["unit"] == "money:GBP"
    assert all(len(text) > 2 for one in listed.values() for text in one["sheet"].values())


def test_one_answer_has_the_agreed_shape(viewer: TestClient) -> None:
    answer = viewer.get("/api/v1/metrics/revenue.at_risk", params={"by": "channel,step", "where": "cause:c1"}).json()
    assert answer["metric"] == "revenue.at_risk"
    assert (answer["unit"], answer["value"], answer["low"], answer["coverage"]) == ("money:GBP", 500, 300, 1.0)
    assert answer["data_age_seconds"] == 600
    assert answer["groups"][0]["by"] == {"channel": "shopify-us", "step": "erp.order.posted"}
    assert answer["groups"][0]["extra"]["gross"] == 10_000
    past = viewer.get("/api/v1/metrics/revenue.at_risk", params={"at": ago(5 * HOUR).isoformat()}).json()
    assert (past["value"], past["extra"]["reason"]) == (None, "no events yet")


def test_a_series_has_its_times_and_ends_now(viewer: TestClient) -> None:
    series = viewer.get("/api/v1/metrics/throughput", params={"from": "-1h", "step": "5m", "window": "5m"}).json()
    assert len(series["answers"]) == 13
    assert series["answers"][-1]["at"] == NOW.isoformat().replace("+00:00", "Z")
    assert [one["value"] for one in series["answers"] if one["value"]] == [0.8]


def test_csv_has_a_row_for_the_whole_and_one_a_group(viewer: TestClient) -> None:
    answer = viewer.get("/api/v1/metrics/failure.rate?by=channel", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["channel"], row["value"]) for row in rows] == [("", "0.25"), ("amazon-uk", "0.25")]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("revenue.at_rsk", 404, "Did you mean revenue.at_risk?"),
        ("revenue.at_risk?by=colour", 400, "cause, channel"),
        ("revenue.at_risk?where=chanel:x", 400, "channel:amazon-uk"),
        ("revenue.at_risk?where=channel:a%20channel:b", 400, "one value"),
        ("revenue.at_risk?where=nonsense", 400, "dimension:value"),
        ("revenue.at_risk?where=age:old", 400, "15m..1h"),
        ("revenue.at_risk?at=yesterday", 400, "2026-11-20T10:00Z"),
        ("revenue.at_risk?at=2100-01-01T00:00Z", 400, "passed"),
        ("revenue.at_risk?step=5m", 400, "from"),
        ("revenue.at_risk?from=-7d&step=1s", 400, "1000 points"),
        ("revenue.at_risk?from=-1h&step=0s", 400, "60s"),
        ("revenue.at_risk?from=-1h&at=2026-11-20T10:00Z", 400, "one moment"),
    ],
)
def test_a_bad_question_is_told_what_is_wrong(viewer: TestClient, path: str, status: int, words: str) -> None:
    answer = viewer.get(f"/api/v1/metrics/{path}")
    assert answer.status_code == status
    assert words in answer.json()["error"] + answer.json()["hint"]


def test_nobody_reads_without_a_token_or_session(client: TestClient) -> None:
    assert client.get("/api/v1/metrics").status_code == 401
    assert client.get("/metrics-catalogue").status_code in (303, 401)


def test_the_pages_show_every_sheet_and_answer(viewer: TestClient) -> None:
    index = viewer.get("/metrics-catalogue").text
    for name, metric in CATALOGUE.items():
        assert name in index
        shown = viewer.get(f"/metrics-catalogue/{name}")
        assert shown.status_code == 200
        assert metric.sheet.title in shown.text
    assert "£5.00" in viewer.get("/metrics-catalogue/revenue.at_risk").text
    past = viewer.get("/metrics-catalogue/revenue.at_risk", params={"at": (NOW - timedelta(days=1)).isoformat()})
    assert "No events yet" in past.text
    assert "queue.depth" in viewer.get("/metrics-catalogue?q=queue").text
    assert "No metric speaks of" in viewer.get("/metrics-catalogue?q=unicorn").text
