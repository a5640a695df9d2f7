"""Browsers for tests: one that nobody has signed in with, and one for each role."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from tests.builders import signed_in


def make_client(app: FastAPI, session: Session, *, raises: bool = True) -> TestClient:
    """A browser; requests see what the test wrote, and the test reads anew what they wrote."""
    made = TestClient(app, follow_redirects=False, raise_server_exceptions=raises)
    made.event_hooks["request"].append(lambda _request: (session.flush(), session.expire_all()))
    return made


def persona(role: str) -> Callable[[FastAPI, Session], TestClient]:
    """The fixture of a signed-in client whose changes carry the token that its pages would."""

    @pytest.fixture(name=role)
    def signed_in_client(app: FastAPI, session: Session) -> TestClient:
        secret, csrf = signed_in(session, role)
        made = make_client(app, session)
        made.cookies.set("pharos", secret)
        made.headers["X-CSRF-Token"] = csrf
        return made

    return signed_in_client
