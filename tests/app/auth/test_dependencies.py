"""People come in by cookie and role, programs by token and scope, and changes need the session's token."""

from types import SimpleNamespace
from typing import Annotated
from uuid import UUID, uuid4

import pytest
from fastapi import Depends, FastAPI, Form
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.commands import create_user, issue_token, revoke_token
from app.auth.dependencies import AdminDep, OperatorDep, Sender, ViewerDep, require_scope
from app.auth.secret import secret_hash
from app.auth.tokens import FRESH
from app.models.users import ApiToken
from tests.builders import NOW


@pytest.fixture(autouse=True)
def probes(app: FastAPI) -> None:
    """Routes behind each door, which say who came in."""

    def read(sender: Annotated[Sender, Depends(require_scope("read"))]) -> str:
        return sender.name

    def ingest(sender: Annotated[Sender, Depends(require_scope("ingest"))]) -> str:
        return sender.name

    def for_viewer(user: ViewerDep, word: Annotated[str, Form()] = "") -> str:
        return user.name + word

    def for_operator(user: OperatorDep) -> str:
        return user.initials

    def for_admin(user: AdminDep) -> UUID:
        return user.id

    for path, door in (("read", read), ("ingest", ingest)):
        app.add_api_route(f"/api/v1/probe-{path}", door, methods=["GET", "POST"])
    for path, page in (("viewer", for_viewer), ("operator", for_operator), ("admin", for_admin)):
        app.add_api_route(f"/probe-{path}", page, methods=["POST"])


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_token_opens_the_door_of_its_scope(client: TestClient, session: Session) -> None:
    secret = issue_token(session, "till", ["ingest"], NOW)
    assert client.post("/api/v1/probe-ingest", headers=bearer(secret)).json() == "till"
    refused = client.get("/api/v1/probe-read", headers=bearer(secret))
    assert refused.status_code == 403
    assert refused.json()["error"] == "this token may not read"


@pytest.mark.parametrize("headers", [{}, bearer("phr_wrong"), bearer(""), {"Authorization": "Basic cGhyOng="}])
def test_without_a_known_token_nothing_opens(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/api/v1/probe-ingest", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_revoked_token_is_refused_within_a_second(client: TestClient, session: Session, clock: SimpleNamespace) -> None:
    secret = issue_token(session, "till", ["read"], NOW)
    assert client.get("/api/v1/probe-read", headers=bearer(secret)).status_code == 200
    revoke_token(session, session.scalars(select(ApiToken.id)).one(), NOW)
    clock.now += FRESH
    assert client.get("/api/v1/probe-read", headers=bearer(secret)).status_code == 401
    clock.now -= FRESH
    assert client.get("/api/v1/probe-read", headers=bearer(secret)).status_code == 401, "it is forgotten"


def test_token_is_good_as_soon_as_it_is_made(client: TestClient, session: Session) -> None:
    secret = "phr_of-tomorrow"
    assert client.get("/api/v1/probe-read", headers=bearer(secret)).status_code == 401
    given = ApiToken(id=uuid4(), name="till", token_hash=secret_hash(secret), scopes=["read"], created_at=NOW)
    session.add(given)
    assert client.get("/api/v1/probe-read", headers=bearer(secret)).status_code == 200


def test_signed_in_person_may_read_but_not_send(viewer: TestClient) -> None:
    assert viewer.get("/api/v1/probe-read").json().startswith("viewer-")
    assert viewer.post("/api/v1/probe-read").status_code == 401
    assert viewer.post("/api/v1/probe-ingest").status_code == 401


def test_wrong_token_is_not_rescued_by_a_cookie(viewer: TestClient) -> None:
    assert viewer.get("/api/v1/probe-read", headers=bearer("phr_wrong")).status_code == 401


@pytest.mark.parametrize(
    ("persona", "expected"), [("viewer", (200, 403, 403)), ("operator", (200, 200, 403)), ("admin", (200, 200, 200))]
)
def test_roles_reach_as_far_as_they_should(
    persona: str, expected: tuple[int, ...], request: pytest.FixtureRequest
) -> None:
    client: TestClient = request.getfixturevalue(persona)
    paths = ("/probe-viewer", "/probe-operator", "/probe-admin")
    assert tuple(client.post(path).status_code for path in paths) == expected


@pytest.mark.parametrize("given", ["", "wrong", "ünicode"])
def test_change_without_the_sessions_token_is_refused(viewer: TestClient, given: str) -> None:
    csrf = viewer.headers.pop("X-CSRF-Token")
    refused = viewer.post("/probe-viewer", data={"csrf_token": given, "word": "!"})
    assert refused.status_code == 403
    assert "out of date" in refused.text
    taken = viewer.post("/probe-viewer", data={"csrf_token": csrf, "word": "!"})
    assert taken.json() == "Robin Viewer!"


def test_token_of_another_session_is_refused(viewer: TestClient, operator: TestClient) -> None:
    viewer.headers["X-CSRF-Token"] = operator.headers["X-CSRF-Token"]
    assert viewer.post("/probe-viewer").status_code == 403


def test_secure_cookies_take_the_host_prefix(app: FastAPI, client: TestClient, session: Session) -> None:
    create_user(session, "kim@example.com", "Kim", "viewer", NOW, password="a long enough sentence")
    app.state.settings = app.state.settings.model_copy(update={"secure_cookies": True})
    answer = client.post("/sign-in", data={"email": "kim@example.com", "password": "a long enough sentence"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-pharos=phr_")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
