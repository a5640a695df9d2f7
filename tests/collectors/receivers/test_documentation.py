"""What docs/events.md shows is what the receiver takes."""

import json
import re
from pathlib import Path
from textwrap import dedent

import pytest

from app.events.event import OUTCOMES, STEPS
from collectors.receivers.mapping_document import EventFile, LinesFile, MatchFile
from collectors.receivers.mapping_file import read_mapping
from collectors.receivers.native import Profile
from tests.collectors.receivers.native_events import read

DOCS = Path(__file__).resolve().parents[3] / "docs"
GUIDE = (DOCS / "events.md").read_text(encoding="utf-8")
MAPPINGS = (DOCS / "mappings.md").read_text(encoding="utf-8")


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


def test_mapping_of_the_guide_is_one() -> None:
    (example,) = re.findall(r"^    mapping: .*?(?=\n\n)", MAPPINGS, flags=re.S | re.M)
    assert read_mapping(dedent(example), STEPS).name == "wms-shipments"


def test_guide_of_mappings_names_every_field() -> None:
    fields = EventFile.model_fields.keys() | MatchFile.model_fields.keys() | LinesFile.model_fields.keys()
    assert {
        name for name in fields | {"map", "default", "format", "zone", "minor"} if f"`{name}`" not in MAPPINGS
    } == set()
