"""Every address answers for the right people only: whoever adds a route decides here when it is not for all of them."""

import re
from dataclasses import dataclass
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from app.main import create_app
from app.settings import Settings

# Nobody need sign in to read these.
OPEN = {"/", "/healthz", "/readyz", "/metrics", "/sign-in", "/sign-in/link/{token}"}
# Viewers and operators are kept out of these.
ADMIN_ONLY = {"/admin", "/admin/_health", "/admin/users", "/admin/tokens", "/admin/audit"}
# What may be changed without a session, by token, and by a viewer.
OPEN_CHANGES = {"/sign-in", "/sign-in/link/{token}"}
SENDER_CHANGES = {"/v1/events", "/v1/map/{name}", "/v1/traces", "/v1/metrics", "/v1/logs"}
VIEWER_CHANGES = {"/sign-out"}

# A value for each parameter of a path; what it names need not exist.
SAMPLES = {"token": "phr_none", "name": "none"}
UNKNOWN = str(UUID(int=7))
# The stream of changes would not end; topics of a wrong shape are refused by the route itself.
QUERIES = {"/live": "topics=a b", "/search": "q=SO-1001", "/admin/quarantine/group": "kind=x&sender=y&door=z"}
FINE = {200, 303, 400, 404, 422}
MOST_STATEMENTS = 30
# The tower is six regions on one page, each of which stays within the budget of a page by itself.
MORE_STATEMENTS = {"/tower": 9}


@dataclass(frozen=True)
class Address:
    """One method of one route, with sample values filled in."""

    method: str
    path: str

    @property
    def url(self) -> str:
        filled = re.sub(r"{(\w+)(?::\w+)?}", lambda found: SAMPLES.get(found[1], UNKNOWN), self.path)
        return filled + (f"?{QUERIES[self.path]}" if self.path in QUERIES else "")

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def addresses() -> list[Address]:
    app = create_app(Settings(), create_engine("postgresql+psycopg://"))
    contexts = [context for context in iter_route_contexts(app.routes) if context.path != "/static"]
    return [Address(method, context.path) for context in contexts for method in sorted(context.methods or ())]


READS = [address for address in addresses() if address.method == "GET"]
GUARDED = [address for address in READS if address.path not in OPEN]
CHANGES = [address for address in addresses() if address.method not in ("GET", "HEAD", "OPTIONS")]


def test_lists_name_only_what_exists() -> None:
    reads, changes = {address.path for address in READS}, {address.path for address in CHANGES}
    assert OPEN | ADMIN_ONLY | (QUERIES.keys() - {"/search"}) <= reads
    assert changes >= OPEN_CHANGES | SENDER_CHANGES | VIEWER_CHANGES


@pytest.mark.parametrize("address", GUARDED, ids=str)
def test_reading_takes_a_session(client: TestClient, address: Address) -> None:
    answer = client.get(address.url)
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/sign-in?next=%2F")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize("address", READS, ids=str)
def test_viewer_reads_everything_but_administration(viewer: TestClient, address: Address) -> None:
    expected = {403} if address.path in ADMIN_ONLY else FINE | ({503} if address.path == "/readyz" else set())
    assert viewer.get(address.url).status_code in expected


@pytest.mark.parametrize("address", [address for address in GUARDED if address.path in ADMIN_ONLY], ids=str)
def test_administration_is_for_administrators(operator: TestClient, admin: TestClient, address: Address) -> None:
    assert operator.get(address.url).status_code == 403
    assert admin.get(address.url).status_code == 200


@pytest.mark.parametrize("address", CHANGES, ids=str)
def test_changing_takes_a_session_or_a_token(client: TestClient, address: Address) -> None:
    if address.path not in OPEN_CHANGES:
        assert client.request(address.method, address.url).status_code == 401


@pytest.mark.parametrize("address", CHANGES, ids=str)
def test_changing_takes_the_token_of_the_form(admin: TestClient, address: Address) -> None:
    if address.path not in OPEN_CHANGES | SENDER_CHANGES:
        del admin.headers["X-CSRF-Token"]
        assert admin.request(address.method, address.url).status_code == 403


@pytest.mark.parametrize("address", CHANGES, ids=str)
def test_viewer_changes_nothing(viewer: TestClient, address: Address) -> None:
    if address.path not in OPEN_CHANGES | SENDER_CHANGES | VIEWER_CHANGES:
        assert viewer.request(address.method, address.url).status_code == 403


@pytest.mark.parametrize("address", GUARDED, ids=str)
def test_page_stays_within_its_statements(
    admin: TestClient, app: FastAPI, sessions: sessionmaker[Session], address: Address
) -> None:
    statements: list[str] = []
    connection = sessions.kw["bind"]

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            statements.append(statement)

    event.listen(connection, "before_cursor_execute", count)
    admin.get(address.url)
    event.remove(connection, "before_cursor_execute", count)
    assert len(statements) <= MOST_STATEMENTS + MORE_STATEMENTS.get(address.path, 0)
