"""Every row of the examples in docs/correlation.md, told to the oracle, and to the engine in every order."""

import json
import re
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.events.event import Event
from app.journeys.catalogue import load_flows
from tests.builders import NOW, an_event
from tests.oracle.correlation import correlate
from tests.oracle.examples import EXAMPLES, Place
from tests.oracle.export import expected_export, facts_for
from tests.stories.journeys import an_estate, exported, work

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "correlation.md"


def told(carried: Sequence[set[str]]) -> list[Event]:
    """One event for each set of keys; returns are told by a step that both kinds take."""
    keys = [tuple((key.split(":")[0], key.split(":")[1]) for key in sorted(one)) for one in carried]
    names_return = any(namespace == "return" for one in keys for namespace, _ in one)
    step = "return.requested" if names_return else "order.validated"
    return [an_event(step, id=str(number), keys=one) for number, one in enumerate(keys)]


def test_each_row_of_the_document_is_an_example_here() -> None:
    table = DOCUMENT.read_text(encoding="utf-8").partition("## Examples")[2].partition("\n## ")[0]
    rows = re.findall(r"(?m)^\| (.+?) \|", table)
    assert rows[0] == "events (keys)"
    assert rows[1:] == list(EXAMPLES)


@pytest.mark.parametrize("row", EXAMPLES)
def test_the_oracle_says_what_the_document_says(row: str) -> None:
    carried, expected, unmatched = EXAMPLES[row]
    for flow in load_flows():
        journeys, waiting = correlate(flow.keys, facts_for(flow, told(carried)))
        found = {
            name: Place(one.keys, {int(fact.id) for fact in one.facts}, one.tied, one.contended)
            for name, one in journeys.items()
        }
        assert found == expected.get(flow.kind, {})
        if flow.kind == "order":
            assert {int(fact.id) for fact in waiting} == unmatched


@pytest.mark.parametrize("row", EXAMPLES)
def test_the_engine_says_what_the_document_says_in_any_order(session: Session, row: str) -> None:
    carried, expected, unmatched = EXAMPLES[row]
    events = told(carried)
    for order in permutations(events):
        with session.begin_nested() as savepoint:
            work(session, an_estate(), ([event] for event in order), NOW)
            export = exported(session)
            assert places(export) == expected
            assert export == expected_export(load_flows(), events)
            assert waiting(session) == len(unmatched)
            savepoint.rollback()


def places(export: bytes) -> dict[str, dict[str, Place]]:
    found: dict[str, dict[str, Place]] = {}
    for line in map(json.loads, export.splitlines()):
        found.setdefault(line["kind"], {})[line["anchor"]] = place_of(line)
    return found


def place_of(line: dict[str, Any]) -> Place:
    numbers = {int(name.partition("|")[2]) for name in line["events"]}
    return Place(set(line["keys"]), numbers, set(line["tied"]), set(line["contended"]))


def waiting(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM waiting_events WHERE kind = 'order'")).scalar_one())
