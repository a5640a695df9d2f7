"""Begins a mapping for a message that has none yet: its pattern, and the names that there are to map (pure)."""

import json
from typing import Any

BLANK = """\
# A value that begins with = is looked up in the message; anything else is written as it stands.
mapping: my-mapping
{match}event:
  step: order.placed
  keys:
    order: =data.order
  channel: my-shop
  system: my-system
"""
MOST_NAMES = 40


def begin_mapping(sample: bytes | None = None) -> str:
    """Write a mapping to begin with; of a sample it takes the pattern, and the names of its fields as a comment."""
    event = _decoded(sample)
    content = event.get("data") if "specversion" in event else event
    match = f"match:\n  type: {json.dumps(event['type'])}\n" if isinstance(event.get("type"), str) else ""
    names = ", ".join(map(repr, list(content)[:MOST_NAMES])) if isinstance(content, dict) else ""
    note = f"# This message has in data: {names}\n" if names else ""
    return note + BLANK.format(match=match)


def _decoded(sample: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(sample or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
