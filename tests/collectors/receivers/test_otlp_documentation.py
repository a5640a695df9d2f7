"""What docs/opentelemetry.md says is what the doors do."""

import re
from pathlib import Path

import pytest

from collectors.receivers.otlp_attributes import ATTEMPTS, KEYS
from collectors.receivers.otlp_metric_names import BROKER_METRICS, CONNECTOR_METRICS, QUEUE_METRICS
from collectors.receivers.otlp_normalise import normalise
from collectors.receivers.otlp_signals import LOGS, Encoding
from tests.collectors.receivers.otlp_requests import NOW, RULES

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "opentelemetry.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`\s]+)`", GUIDE))


@pytest.mark.parametrize(("name", "namespace"), KEYS.items())
def test_every_key_stands_beside_its_attribute(name: str, namespace: str) -> None:
    (row,) = (line for line in GUIDE.splitlines() if line.startswith("| `retail.") and f"`retail.{name}`" in line)
    assert f"`{namespace}`" in row


def test_every_metric_is_named() -> None:
    assert BROKER_METRICS.keys() | {f"retail.{name}" for name in CONNECTOR_METRICS} <= NAMED
    figures = {name.removeprefix("queue") for name in QUEUE_METRICS}
    assert {name for name in figures if f"`{name}`" not in GUIDE and f"`messaging.queue{name}`" not in GUIDE} == set()


def test_every_count_of_attempts_is_named() -> None:
    assert ATTEMPTS.keys() <= NAMED


def test_example_by_hand_is_taken() -> None:
    (example,) = re.findall(r"-d '\n(.*)'$", GUIDE, flags=re.S)
    body = example.replace("'$(date +%s)'", str(int(NOW.timestamp()))).encode()
    (event,) = normalise(LOGS, Encoding.JSON, body, RULES, NOW).events
    assert (event.keys, event.outcome, event.error) == ((("order", "SO-1001"),), "failed", "no tax code for A-1")
