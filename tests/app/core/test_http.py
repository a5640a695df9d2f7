"""The outbound client: what it sends, and where it refuses to go."""

import socket
from typing import Any

import httpx
import pytest

from app.core import http
from app.core.errors import UnavailableError


def answer(status: int, content: bytes = b"") -> httpx.MockTransport:
    return httpx.MockTransport(lambda _request: httpx.Response(status, content=content))


def found(*places: str) -> Any:
    """Stand in for the name service."""
    return lambda host, port, **_kinds: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port)) for place in places]


def test_body_and_headers_arrive() -> None:
    seen: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(202)

    transport = httpx.MockTransport(keep)
    headers = {"X-Mark": "1"}
    status = http.post(
        "http://hooks.example:8080/a?b=c", b"hello", headers, allow_private_addresses=True, transport=transport
    )
    assert status == 202
    assert (str(seen[0].url), seen[0].content) == ("http://hooks.example:8080/a?b=c", b"hello")
    assert (seen[0].headers["x-mark"], seen[0].headers["host"]) == ("1", "hooks.example:8080")


def test_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    monkeypatch.setattr(socket, "getaddrinfo", found("93.184.216.34"))
    http.post("https://hooks.example/a", b"", {}, allow_private_addresses=False, transport=httpx.MockTransport(keep))
    assert seen[0].url.host == "93.184.216.34"
    assert seen[0].headers["host"] == "hooks.example"
    assert seen[0].extensions["sni_hostname"] == "hooks.example"


@pytest.mark.parametrize(
    "place",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.9",
        "169.254.169.254",
        "100.64.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "0.0.0.0",
        "::ffff:10.0.0.1",
    ],
)
def test_private_addresses_are_refused(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", found("93.184.216.34", place))
    with pytest.raises(UnavailableError, match="has a private address"):
        http.post("https://hooks.example/", b"", {}, allow_private_addresses=False, transport=answer(200))


@pytest.mark.parametrize("url", ["ftp://hooks.example/", "hooks.example/path", "http://", "http://a.example:port/", ""])
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(UnavailableError, match="not an address") as caught:
        http.post(url, b"", {}, allow_private_addresses=True, transport=answer(200))
    assert caught.value.permanent


def test_refusal_quotes_only_the_beginning_of_the_answer() -> None:
    with pytest.raises(UnavailableError) as caught:
        http.post("http://a.example/", b"", {}, allow_private_addresses=True, transport=answer(500, b"x" * 10_000))
    assert caught.value.message == "the receiver answered 500: " + "x" * 200


def test_host_that_is_not_found_is_worth_another_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_asked: object, **_kinds: object) -> Any:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(UnavailableError, match="cannot find host") as caught:
        http.post("http://a.example/", b"", {}, allow_private_addresses=False, transport=answer(200))
    assert not caught.value.permanent
