"""Signing in by password and by link, and signing out, through the pages."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.attempts import PER_EMAIL
from app.auth.commands import create_user, disable_user, issue_link
from app.auth.pages import WRONG
from app.models.users import AuditEntry, SignInLink, UserSession
from tests.builders import NOW

EMAIL = "robin@example.com"
PASSWORD = "a long enough sentence"


@pytest.fixture(autouse=True)
def robin(session: Session) -> None:
    create_user(session, EMAIL, "Robin Reed", "operator", NOW, password=PASSWORD)


def sign_in(client: TestClient, password: str = PASSWORD, **fields: str) -> Any:
    return client.post("/sign-in", data={"email": EMAIL, "password": password, **fields})


def is_signed_in(client: TestClient) -> bool:
    return client.get("/docs").status_code == 200


def test_sign_in_page_asks_for_email_and_password(client: TestClient) -> None:
    page = client.get("/sign-in")
    assert page.status_code == 200
    assert 'name="email"' in page.text
    assert 'name="password"' in page.text


def test_right_password_opens_a_session(client: TestClient, session: Session) -> None:
    answer = sign_in(client, email="ROBIN@example.com", next="/orders?q=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders?q=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    stored = session.scalars(select(UserSession)).one()
    assert stored.token_hash.hex() not in cookie
    assert is_signed_in(client)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"])
def test_sign_in_never_leads_to_another_host(client: TestClient, elsewhere: str) -> None:
    assert sign_in(client, next=elsewhere).headers["location"] == "/"


def test_wrong_password_comes_back_with_the_email(client: TestClient) -> None:
    answer = sign_in(client, password="not the sentence")
    assert answer.status_code == 422
    assert WRONG in answer.text
    assert EMAIL in answer.text
    assert not is_signed_in(client)


def test_unknown_person_reads_the_same_words(client: TestClient) -> None:
    answer = client.post("/sign-in", data={"email": "nobody@example.com", "password": PASSWORD})
    assert answer.status_code == 422
    assert WRONG in answer.text


def test_many_wrong_passwords_must_wait(client: TestClient, clock: SimpleNamespace) -> None:
    for _ in range(PER_EMAIL):
        assert sign_in(client, password="guess").status_code == 422
    refused = sign_in(client)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == 15 * 60 + 1
    assert "Too many tries: wait 15 m" in refused.text
    clock.now = NOW + timedelta(minutes=15)
    assert sign_in(client).status_code == 303


def test_link_is_used_by_a_click_and_only_once(client: TestClient, session: Session) -> None:
    path = f"/sign-in/link/{issue_link(session, EMAIL, NOW)}"
    for _ in range(2):
        looked = client.get(path)
        assert EMAIL in looked.text
        assert looked.headers["referrer-policy"] == "no-referrer"
    assert session.scalars(select(SignInLink)).one().used_at is None
    assert client.post(path).headers["location"] == "/"
    assert is_signed_in(client)
    assert client.post(path).status_code == 404
    assert client.get(path).status_code == 404


def test_old_link_is_refused(client: TestClient, session: Session, clock: SimpleNamespace) -> None:
    path = f"/sign-in/link/{issue_link(session, EMAIL, NOW)}"
    clock.now = NOW + timedelta(hours=24)
    assert client.post(path).status_code == 404


def test_link_of_a_disabled_user_is_refused(client: TestClient, session: Session) -> None:
    path = f"/sign-in/link/{issue_link(session, EMAIL, NOW)}"
    disable_user(session, EMAIL, NOW, by="test")
    assert client.post(path).status_code == 404


def test_signing_out_ends_the_session_and_leaves_a_line(operator: TestClient, session: Session) -> None:
    cookie = operator.cookies["pharos"]
    answer = operator.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    operator.cookies.set("pharos", cookie)
    assert not is_signed_in(operator)
    assert "session.ended" in session.scalars(select(AuditEntry.action)).all()


def test_disabled_user_is_out_at_once(client: TestClient, session: Session) -> None:
    sign_in(client)
    disable_user(session, EMAIL, NOW, by="test")
    assert not is_signed_in(client)


def test_session_slides_while_in_use_and_ends_when_not(client: TestClient, clock: SimpleNamespace) -> None:
    sign_in(client)
    for hours in (11, 22, 33):
        clock.now = NOW + timedelta(hours=hours)
        assert is_signed_in(client)
    clock.now += timedelta(hours=12)
    assert not is_signed_in(client)


def test_session_does_not_slide_for_ever(client: TestClient, clock: SimpleNamespace) -> None:
    sign_in(client)
    for hours in range(8, 30 * 24, 8):
        clock.now = NOW + timedelta(hours=hours)
        assert is_signed_in(client)
    clock.now = NOW + timedelta(days=30)
    assert not is_signed_in(client)
