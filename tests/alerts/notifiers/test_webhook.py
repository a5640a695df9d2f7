"""Signed posts to a real HTTP server."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.notifiers.webhook import WebhookNotifier, render
from app.core.clock import utc_now
from app.core.errors import UnavailableError
from tests.alerts.doors import Address, address, free_port
from tests.alerts.messages import FIRST, NOW, a_delivery, a_message

SECRET = "between us"
GUIDE = Path(__file__).resolve().parents[3] / "docs" / "alerts.md"


@pytest.fixture
def door() -> Iterator[Address]:
    with address() as opened:
        yield opened


def verify(headers: dict[str, str], body: bytes, secret: str) -> bool:
    signed = headers["x-pharos-timestamp"].encode() + b"." + body
    wanted = "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, headers["x-pharos-signature"])


def test_receiver_verifies_as_the_guide_says(door: Address) -> None:
    example = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert example is not None
    guide: dict[str, Any] = {}
    exec(example[1], guide)
    now = utc_now()
    for sent_at in (now, now - timedelta(hours=1)):
        WebhookNotifier(door.url, SECRET).send(a_delivery(), sent_at)
    (_, headers, body), (_, old, _) = door.requests
    titled, old_titled = ({name.title(): value for name, value in one.items()} for one in (headers, old))
    assert guide["is_from_pharos"](titled, body, SECRET)
    assert not guide["is_from_pharos"](titled, body + b" ", SECRET)
    assert not guide["is_from_pharos"](old_titled, body, SECRET)


def test_post_arrives_signed(door: Address) -> None:
    WebhookNotifier(door.url, SECRET).send(a_delivery(), NOW)
    ((path, headers, body),) = door.requests
    assert path == "/hook?key=secret"
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == FIRST
    assert headers["x-pharos-timestamp"] == str(int(NOW.timestamp()))
    assert verify(headers, body, SECRET)
    assert not verify(headers, body + b" ", SECRET)
    assert not verify(headers, body, "another")


def test_body_says_it_all_with_exact_money() -> None:
    body = json.loads(render(a_delivery()))
    assert body["kind"] == "firing"
    assert body["money"] == {
        "at_risk": "29417.00",
        "low": "22600.00",
        "high": "37900.00",
        "gross": "140836.00",
        "currency": "GBP",
        "coverage": 0.97,
    }
    assert (body["value"], body["unit"], body["orders"]) == ("29417.00", "money:GBP", 2105)
    assert body["cause"] == "NetSuite rejects unknown SKUs"
    assert body["facts"]["Trend"].startswith("£29,417 now")
    assert body["links"]["now"] == "https://tower.example/exceptions"
    assert body["began_at"] == "2026-11-23T12:00:00Z"


def test_later_attempt_has_the_same_body_and_number_but_its_own_time(door: Address) -> None:
    notifier = WebhookNotifier(door.url, SECRET)
    notifier.send(a_delivery(), NOW)
    notifier.send(a_delivery(), NOW + timedelta(minutes=5))
    first, second = door.requests
    assert first[2] == second[2]
    assert first[1]["idempotency-key"] == second[1]["idempotency-key"]
    assert first[1]["x-pharos-signature"] != second[1]["x-pharos-signature"]
    assert verify(second[1], second[2], SECRET)


def test_without_a_secret_there_is_no_signature(door: Address) -> None:
    WebhookNotifier(door.url, "").send(a_delivery(a_message(value=None)), NOW)
    assert "x-pharos-signature" not in door.requests[0][1]


@pytest.mark.parametrize(
    ("status", "is_permanent"), [(500, False), (429, False), (404, False), (410, True), (400, True)]
)
def test_refusal_says_why_and_whether_it_lasts(door: Address, status: int, is_permanent: bool) -> None:
    door.status = status
    with pytest.raises(UnavailableError) as caught:
        WebhookNotifier(door.url, SECRET).send(a_delivery(), NOW)
    assert caught.value.message == f"the receiver answered {status}: not today"
    assert caught.value.permanent is is_permanent


def test_redirect_is_not_followed(door: Address) -> None:
    door.status, door.location = 302, door.url
    with pytest.raises(UnavailableError, match="answered 302"):
        WebhookNotifier(door.url, SECRET).send(a_delivery(), NOW)
    assert len(door.requests) == 1


def test_private_address_is_refused_where_it_is_not_allowed(door: Address) -> None:
    with pytest.raises(UnavailableError, match="private address") as caught:
        WebhookNotifier(door.url, SECRET, allow_private_addresses=False).send(a_delivery(), NOW)
    assert caught.value.permanent
    assert door.requests == []


def test_nobody_there_is_worth_another_attempt() -> None:
    with pytest.raises(UnavailableError, match="ConnectError") as caught:
        WebhookNotifier(f"http://127.0.0.1:{free_port()}/", SECRET).send(a_delivery(), NOW)
    assert not caught.value.permanent
