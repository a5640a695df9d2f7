"""Alerts and rules for programs."""

import csv
import io
from datetime import timedelta

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from alerts.evaluate import evaluate_rules
from tests.alerts.figures import NOON, OUTLET, Figures, add_rule

BEGAN = NOON - timedelta(hours=2)


def fire(session: Session) -> None:
    add_rule(session, name="late", metric="orders.late", by=["step"], when={"above": 25}, clear={}, **{"for": "0s"})
    steps = {f"step-{n}": 100 + n for n in range(5)}
    evaluate_rules(session, BEGAN, OUTLET, Figures({"orders.late": steps}).metrics)
    evaluate_rules(session, BEGAN + timedelta(hours=1), OUTLET, Figures({"orders.late": {"step-0": 30}}).metrics)


def test_alerts_are_listed_as_of_a_time(viewer: TestClient, session: Session) -> None:
    fire(session)
    now = viewer.get("/api/v1/alerts").json()
    assert sorted(alert["state"] for alert in now["alerts"]) == ["firing", *["resolved"] * 4]
    firing = next(alert for alert in now["alerts"] if alert["state"] == "firing")
    assert (firing["labels"], firing["value"], firing["unit"]) == ({"step": "step-0"}, 30, "orders")
    then = viewer.get("/api/v1/alerts", params={"at": (BEGAN + timedelta(minutes=5)).isoformat()}).json()
    assert {alert["state"] for alert in then["alerts"]} == {"firing"}
    assert {alert["value"] for alert in then["alerts"]} == {None}
    assert {alert["resolved_at"] for alert in then["alerts"]} == {None}
    before = viewer.get("/api/v1/alerts", params={"at": (BEGAN - timedelta(minutes=5)).isoformat()}).json()
    assert before["alerts"] == []


def test_pages_of_alerts_make_up_the_whole(viewer: TestClient, session: Session) -> None:
    fire(session)
    seen, after = [], None
    while True:
        answer = viewer.get("/api/v1/alerts", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [alert["id"] for alert in answer["alerts"]]
        if (after := answer["after"]) is None:
            break
    assert len(seen) == len(set(seen)) == 5
    assert viewer.get("/api/v1/alerts", params={"after": "nonsense"}).status_code == 400
    assert viewer.get("/api/v1/alerts", params={"limit": 501}).status_code == 422


def test_alerts_export_as_csv(viewer: TestClient, session: Session) -> None:
    fire(session)
    answer = viewer.get("/api/v1/alerts", params={"format": "csv", "limit": 3})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 3
    assert rows[0]["rule"] == "late"
    assert rows[0]["labels"].startswith("step:step-")
    assert answer.headers["x-next-after"]


def test_rules_are_listed_with_their_last_evaluation(viewer: TestClient, session: Session) -> None:
    fire(session)
    (rule,) = viewer.get("/api/v1/rules").json()["rules"]
    assert rule["sentence"].startswith("Act when the number of late orders of any one step is above 25")
    assert (rule["verdict"], rule["parts"], rule["is_enabled"]) == ("breach", 5, True)
    assert rule["definition"]["when"] == {"above": 25}


def test_strangers_read_nothing(client: TestClient) -> None:
    assert client.get("/api/v1/alerts").status_code == 401
    assert client.get("/api/v1/rules").status_code == 401
