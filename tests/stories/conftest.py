"""A running tower for each story, with a mailbox and an address that its alerts go to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.doors import Address, Mailbox, address, mailbox
from tests.stories.servers import OwnServer, own_postgres
from tests.stories.towers import Tower, tower_on

SECRET = "between the tower and the test"
MANAGER = "manager@retail.example"


@pytest.fixture
def post_box() -> Iterator[Mailbox]:
    with mailbox() as opened:
        yield opened


@pytest.fixture
def hook() -> Iterator[Address]:
    with address() as opened:
        yield opened


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[OwnServer]:
    """A PostgreSQL that the test may do to as it likes."""
    with own_postgres(tmp_path / "own") as server:
        yield server


@pytest.fixture
def tower(template: str, tmp_path: Path, post_box: Mailbox, hook: Address) -> Iterator[Tower]:
    settings = {
        "RULE_INTERVAL_SECONDS": "1",
        "SMTP_URL": post_box.url,
        "MAIL_TO": MANAGER,
        "WEBHOOK_URL": hook.url,
        "WEBHOOK_SECRET": SECRET,
        "ALLOW_PRIVATE_ADDRESSES": "true",
    }
    with tower_on(template, tmp_path, **settings) as running:
        yield running
