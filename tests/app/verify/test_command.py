"""`pharos verify` on a real database: says what it found, and ends with 1 when that is anything."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from app import cli
from app.core.clock import utc_now
from app.core.database import make_sessions, transaction
from app.journeys.catalogue import load_flows
from app.pipeline import Estate, work_events
from app.settings import Settings
from tests.builders import an_event


def test_the_command_ends_with_1_when_the_store_differs(
    fresh_database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = fresh_database.url.render_as_string(hide_password=False)
    monkeypatch.setattr(cli, "get_settings", lambda: Settings(database_url=address))
    sessions = make_sessions(fresh_database)
    with transaction(sessions) as session:
        work_events(session, Estate(load_flows(), timedelta(days=90)), [an_event(at=utc_now())], utc_now())
    clean = CliRunner().invoke(cli.cli, ["verify"])
    assert (clean.exit_code, clean.stdout) == (0, "1 events, 1 journeys checked\nno differences\n")
    with transaction(sessions) as session:
        session.execute(text("UPDATE rollups SET count = count + 1 WHERE grain = 60"))
    damaged = CliRunner().invoke(cli.cli, ["verify"])
    assert damaged.exit_code == 1
    assert "rollups:" in damaged.stdout
