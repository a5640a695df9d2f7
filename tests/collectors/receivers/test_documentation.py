"""What docs/events.md shows is what the receiver takes."""

import json
import re
from pathlib import Path

import pytest

from app.events.event import OUTCOMES, STEPS
from collectors.receivers.native import Profile
from tests.collectors.receivers.native_events import read

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "events.md").read_text(encoding="utf-8")


EXAMPLES = re.findall(r'\{"specversion".*?\}\}\}?(?=\n|\')', GUIDE, flags=re.S)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_taken(example: str) -> None:
    (event,) = read(json.loads(example)).events
    assert ("order", "SO-1001") in event.keys
    assert event.amount_minor == 9950


def test_every_example_was_found() -> None:
    assert len(EXAMPLES) == GUIDE.count('{"specversion"') == 2


def test_steps_outcomes_and_fields_are_all_named() -> None:
    named = set(re.findall(r"`([a-z_.]+)`", GUIDE))
    assert named >= STEPS
    assert set(OUTCOMES) <= named
    assert {name for name in Profile.__struct_fields__ if f"{name}`" not in GUIDE} == set()
