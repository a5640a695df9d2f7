"""Every answer carries its headers; changes asked for by another site are refused; bodies have a limit."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.web.middleware import CONTENT_POLICY
from tests.clients import make_client


@pytest.fixture
def echo(app: FastAPI, session: Session) -> TestClient:
    """An application with routes that take anything."""

    async def size(request: Request) -> int:
        return len(await request.body())

    for path in ("/echo", "/v1/echo", "/hooks/echo", "/api/v1/echo"):
        app.add_api_route(path, size, methods=["POST", "GET"])
    return make_client(app, session)


@pytest.mark.parametrize("path", ["/sign-in", "/healthz", "/nowhere", "/static/css/app.css", "/admin"])
def test_security_headers_are_on_every_answer(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == CONTENT_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "unsafe" not in headers["content-security-policy"]


def test_request_id_is_kept_or_made(client: TestClient) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "till-7.1"}).headers["x-request-id"] == "till-7.1"
    made = client.get("/healthz", headers={"X-Request-ID": "bad id\t!"}).headers["x-request-id"]
    assert len(made) == 32


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Authorization": "Bearer phr_x"}, 200),
    ],
)
def test_changes_come_from_our_own_pages(echo: TestClient, headers: dict[str, str], status: int) -> None:
    assert echo.post("/echo", headers=headers).status_code == status
    assert echo.get("/echo", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/v1/echo", "/hooks/echo"])
def test_senders_may_come_from_anywhere(echo: TestClient, path: str) -> None:
    assert echo.post(path, headers={"Origin": "http://evil.example"}).status_code == 200


def test_body_over_the_limit_is_refused_whether_announced_or_streamed(echo: TestClient, app: FastAPI) -> None:
    limit = app.state.settings.max_body_bytes

    def pieces() -> Iterator[bytes]:
        for _ in range(limit // 65536 + 1):
            yield b"x" * 65536

    assert echo.post("/v1/echo", content=b"x" * limit).json() == limit
    for content in (b"x" * (limit + 1), pieces()):
        refused = echo.post("/v1/echo", content=content)
        assert refused.status_code == 413
        assert refused.json()["hint"]
