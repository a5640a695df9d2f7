"""The API of the work-queue."""

import csv
import io

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from tests.app.metrics.rows import a_cause, a_stake, ago, an_exception, an_order, order

PATH = "/api/v1/exceptions"


@pytest.fixture(autouse=True)
def _exceptions(session: Session) -> None:
    a_cause(session, title="Waits to be posted to the ERP")
    for place in range(3):
        an_order(session, f"SO-{place}", opened=500)
        an_exception(session, f"SO-{place}", opened=240 + place)
        a_stake(session, f"SO-{place}", 10_000, opened=240)
    an_exception(session, "SO-9", opened=90, closed=30)
    session.flush()


def test_rows_are_listed_and_paged(viewer: TestClient) -> None:
    first = viewer.get(PATH, params={"limit": 2}).json()
    second = viewer.get(PATH, params={"limit": 2, "after": first["after"]}).json()
    rows = first["rows"] + second["rows"]
    assert [row["anchor"] for row in rows] == ["order:SO-0", "order:SO-1", "order:SO-2"]
    assert rows[0]["journey_id"] == str(order("SO-0"))
    assert (rows[0]["title"], rows[0]["value"]["amount"]) == ("Waits to be posted to the ERP", "100.00")
    assert second["after"] is None


def test_the_past_is_asked_with_at(viewer: TestClient) -> None:
    rows = viewer.get(PATH, params={"at": ago(60).isoformat()}).json()["rows"]
    assert (rows[0]["anchor"], rows[0]["closed_at"]) == ("", None)
    assert len(rows) == 4
    assert [row["kind"] for row in viewer.get(PATH, params={"q": "status:closed"}).json()["rows"]] == ["overdue"]


def test_groups_carry_money_level_and_words(viewer: TestClient) -> None:
    (group,) = viewer.get(f"{PATH}/groups").json()["rows"]
    assert (group["orders"], group["level"], group["owner"]) == (3, "quiet", "ERP integration")
    assert group["at_risk"] == {"amount": "15.00", "minor": 1_500, "currency": "GBP"}
    assert viewer.get(f"{PATH}/groups", params={"q": "kind:failed"}).json()["rows"] == []


def test_both_lists_come_as_csv(viewer: TestClient) -> None:
    rows = list(csv.DictReader(io.StringIO(viewer.get(PATH, headers={"Accept": "text/csv"}).text)))
    assert [(row["value"], row["currency"], row["closed_at"]) for row in rows] == [("100.00", "GBP", "")] * 3
    (group,) = csv.DictReader(io.StringIO(viewer.get(f"{PATH}/groups?format=csv").text))
    assert (group["at_risk"], group["gross"], group["channels"]) == ("15.00", "300.00", "shopify-us")


@pytest.mark.parametrize("query", ["q=status:broken", "q=age:4h", "after=zzz", "at=2100-01-01T00:00Z"])
def test_bad_questions_are_told_what_is_wrong(viewer: TestClient, query: str) -> None:
    answer = viewer.get(f"{PATH}?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert answer.json()["hint"]


def test_nobody_reads_without_being_let_in(client: TestClient) -> None:
    assert client.get(PATH).status_code == 401
