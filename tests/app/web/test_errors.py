"""Errors are explained to people on a page and to programs in JSON."""

from collections.abc import Callable

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import exc
from sqlalchemy.orm import Session

from app.core.errors import BackPressureError, ConflictError, NotFoundError, UnauthenticatedError
from tests.clients import make_client

Failing = Callable[[Exception], TestClient]


@pytest.fixture
def failing(app: FastAPI, session: Session) -> Failing:
    """Make an application whose routes fail in a given way."""

    def make(error: Exception) -> TestClient:
        def fail(number: int = 0) -> None:
            raise error

        for path in ("/fail", "/api/v1/fail"):
            app.add_api_route(path, fail, methods=["GET", "POST"])
        client = make_client(app, session)
        client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
        return client

    return make


def test_known_error_is_a_page_for_people(failing: Failing) -> None:
    answer = failing(NotFoundError("no order <SO-9>", "Try its invoice number")).get("/fail")
    assert answer.status_code == 404
    assert "no order &lt;SO-9&gt;" in answer.text
    assert "Try its invoice number" in answer.text


@pytest.mark.parametrize(("path", "accept"), [("/api/v1/fail", "*/*"), ("/fail", "application/json")])
def test_known_error_is_json_for_programs(failing: Failing, path: str, accept: str) -> None:
    answer = failing(ConflictError("taken", "Choose another")).get(path, headers={"Accept": accept})
    assert answer.status_code == 409
    assert answer.json() == {"error": "taken", "hint": "Choose another"}


def test_back_pressure_says_when_to_come_again(failing: Failing) -> None:
    answer = failing(BackPressureError("full", retry_after_seconds=7)).get("/api/v1/fail")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_who_is_not_signed_in_is_led_there_and_back(failing: Failing) -> None:
    client = failing(UnauthenticatedError("Sign in first"))
    answer = client.get("/fail?number=1")
    assert answer.headers["location"] == "/sign-in?next=%2Ffail%3Fnumber%3D1"
    assert client.get("/api/v1/fail").headers["www-authenticate"] == 'Bearer realm="pharos"'
    assert client.post("/fail").status_code == 401


def test_region_keeps_what_it_shows(failing: Failing) -> None:
    answer = failing(NotFoundError("gone")).get("/fail", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-reswap"]) == (404, "none")


def test_region_of_who_was_signed_out_loads_the_page_again(failing: Failing) -> None:
    answer = failing(UnauthenticatedError("Sign in first")).get("/fail", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-refresh"]) == (401, "true")


def test_database_that_is_away_is_not_a_bug(failing: Failing) -> None:
    answer = failing(exc.OperationalError("SELECT", {}, Exception("refused"))).get("/api/v1/fail")
    assert answer.status_code == 503
    assert 5 <= int(answer.headers["retry-after"]) <= 15
    assert "SELECT" not in answer.text


@pytest.mark.parametrize("code", ["08006", "25P03", "53100", "53300", "57P01", "57P03", "58030", "XX000"])
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_server_in_trouble_is_not_a_bug(failing: Failing, code: str, is_wrapped: bool) -> None:
    """COPY meets the driver's own errors; everything else those that SQLAlchemy wraps."""
    error: Exception = psycopg.errors.lookup(code)("trouble")
    answer = failing(exc.DBAPIError("COPY", {}, error) if is_wrapped else error).get("/api/v1/fail")
    assert answer.status_code == 503
    assert 5 <= int(answer.headers["retry-after"]) <= 15


def test_statement_that_is_refused_is_a_bug(failing: Failing) -> None:
    for code in ("22P02", "23505", "42P01"):
        assert failing(psycopg.errors.lookup(code)("secret detail")).get("/api/v1/fail").status_code == 500


def test_bug_shows_its_number_and_no_detail(failing: Failing) -> None:
    answer = failing(RuntimeError("secret detail")).get("/fail", headers={"X-Request-ID": "r-1"})
    assert answer.status_code == 500
    assert "r-1" in answer.text
    assert "secret detail" not in answer.text
    assert answer.headers["x-request-id"] == "r-1"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_wrong_parameter_is_named(failing: Failing) -> None:
    answer = failing(RuntimeError()).get("/api/v1/fail?number=x")
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("number: ")


def test_unknown_address_and_method(client: TestClient) -> None:
    assert "Not found" in client.get("/nowhere").text
    assert client.delete("/healthz").json()["error"] == "Method Not Allowed"
