"""What goes wrong in the simulated estate, and when: stories that can be told at any time (pure)."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from app.simulator.products import POISON_SKU

# How long each fault lasts, in seconds, and what it strikes.
DURATIONS = {
    "flash-sale": 60 * 60,
    "erp-outage": 55 * 60,
    "poison-message": 60 * 60,
    "connector-quiet": 45 * 60,
    "duplicate-storm": 30 * 60,
}
TARGETS = {
    "flash-sale": "shopify-us",
    "erp-outage": "netsuite",
    "poison-message": POISON_SKU,
    "connector-quiet": "netsuite-to-wms",
    "duplicate-storm": "",
}
DEMO = ("erp-outage", "connector-quiet", "poison-message", "flash-sale", "duplicate-storm")
STORIES = ("demo", "calm-day", *DURATIONS)
EVERY_SECONDS = 2 * 60 * 60

ERP_DOWN = {"code": "503", "message": "NetSuite is unavailable"}
ERP_BUSY = {"code": "429", "message": "NetSuite has too many requests"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong for a while."""

    kind: str
    target: str
    ends_at: float


@dataclass(frozen=True, slots=True)
class Story:
    """Faults one after the other from `begins_at` on; over once all have been, unless the story repeats."""

    kinds: tuple[str, ...]
    begins_at: float
    repeats: bool

    def fault_at(self, at: float) -> Fault | None:
        turn = int((at - self.begins_at) // EVERY_SECONDS)
        if turn < 0 or not self.kinds or (turn >= len(self.kinds) and not self.repeats):
            return None
        kind = self.kinds[turn % len(self.kinds)]
        ends_at = self.begins_at + turn * EVERY_SECONDS + DURATIONS[kind]
        return Fault(kind, TARGETS[kind], ends_at) if at < ends_at else None

    def order_factor(self, channel: str, at: float) -> float:
        return 6.0 if self._struck("flash-sale", channel, at) else 1.0

    def is_down(self, system: str, at: float) -> bool:
        return self._struck("erp-outage", system, at) is not None

    def unknown_sku(self, skus: list[str], at: float) -> Fault | None:
        """The fault of a product that the ERP does not know at present, if one of these is it."""
        fault = self.fault_at(at)
        return fault if fault and fault.kind == "poison-message" and fault.target in skus else None

    def quiet_seconds(self, connector: str, at: float) -> float:
        """How long a connector will stay silent; 0 if it works."""
        fault = self._struck("connector-quiet", connector, at)
        return fault.ends_at - at if fault else 0.0

    def copies(self, rng: Random, at: float) -> int:
        """How often a message is delivered: once, rarely twice, and in a storm three to five times."""
        fault = self.fault_at(at)
        if fault and fault.kind == "duplicate-storm":
            return rng.randint(3, 5)
        return 2 if rng.random() < 0.008 else 1

    def _struck(self, kind: str, target: str, at: float) -> Fault | None:
        fault = self.fault_at(at)
        return fault if fault and fault.kind == kind and fault.target == target else None


def choose_story(name: str, begins_at: datetime, *, repeats: bool = False) -> Story:
    """Tell a story by its name; `demo` takes all faults in turn, `calm-day` none."""
    if name not in STORIES:
        raise ValueError(f"no story is called {name!r}; there are {', '.join(STORIES)}")
    kinds = DEMO if name == "demo" else () if name == "calm-day" else (name,)
    return Story(kinds, begins_at.timestamp(), repeats)
