"""The steps that receivers know: the native ones and those that flows declare."""

from functools import lru_cache
from pathlib import Path

from app.events.event import STEPS
from app.journeys.catalogue import SHIPPED, load_flows


@lru_cache(maxsize=8)
def known_steps(flow_dir: Path | None) -> frozenset[str]:
    """Gather every step that an event may be about."""
    flows = load_flows(flow_dir or SHIPPED)
    return STEPS.union(*(flow.steps.keys() | flow.failures.keys() for flow in flows))
