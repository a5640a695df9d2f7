"""Machines learn whether the tower lives, can serve, and what it measures."""

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.core.database import make_engine, make_sessions
from app.main import create_app
from app.settings import Settings


def test_alive_asks_nobody(client: TestClient, app: FastAPI) -> None:
    app.state.sessions = None
    assert client.get("/healthz").json() == {"status": "ok"}


def test_not_ready_without_a_listener(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["faults"] == ["the live listener is not connected"]


def test_ready_when_everything_stands(client: TestClient, app: FastAPI) -> None:
    app.state.live.is_listening.set()
    assert client.get("/readyz").json() == {"status": "ok", "faults": []}


def test_not_ready_on_another_schema(fresh_database: Engine) -> None:
    with fresh_database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    app = create_app(Settings(), fresh_database)
    assert "migration 0000" in TestClient(app).get("/readyz").json()["faults"][0]


def test_not_ready_without_the_database(client: TestClient, app: FastAPI) -> None:
    app.state.sessions = make_sessions(make_engine("postgresql://127.0.0.1:1/none"))
    assert client.get("/readyz").json()["faults"][0] == "the database does not answer"


def test_metrics_are_prometheus_text(client: TestClient) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# TYPE python_info gauge" in answer.text
