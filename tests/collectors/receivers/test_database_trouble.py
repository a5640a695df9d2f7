"""Whatever ails the database, every door asks its senders to come again, and none drops what they hold."""

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import exc

DOORS = ("/v1/events", "/v1/traces", "/v1/metrics", "/v1/logs", "/v1/map/parcels")
CODES = ("08006", "25P03", "40P01", "53100", "53200", "57P01", "57014", "58030", "XX000")


@pytest.mark.parametrize("door", DOORS)
def test_every_door_says_when_to_come_again(client: TestClient, monkeypatch: pytest.MonkeyPatch, door: str) -> None:
    troubles = [psycopg.errors.lookup(code)("trouble") for code in CODES]
    wrapped = [exc.DBAPIError("COPY", {}, trouble) for trouble in troubles]
    for trouble in (*troubles, *wrapped, psycopg.OperationalError("gone"), exc.TimeoutError("no connection is free")):

        def fail(*_: object, trouble: Exception = trouble) -> None:
            raise trouble

        monkeypatch.setattr("app.auth.dependencies.find_token", fail)
        headers = {"Authorization": "Bearer phr_x", "Content-Type": "application/json"}
        answer = client.post(door, content=b"{}", headers=headers)
        assert answer.status_code == 503, trouble
        assert 5 <= int(answer.headers["retry-after"]) <= 15
