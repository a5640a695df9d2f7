"""What of a journey had been received by a time, and was known to belong to it by then (pure)."""

from collections.abc import Sequence
from datetime import datetime

from app.events.fact import Fact
from app.journeys.flow import Flow


def known_facts(flow: Flow, anchor: str, facts: Sequence[Fact], known: datetime) -> list[Fact]:
    """Keep the facts received by `known` that keys received by then lead to from the journey's own name.

    A fact that reached us before the link that explains it was not yet known to be about this journey.
    """
    received = [(fact, flow.keys.sort(fact)) for fact in facts if fact.received_at <= known]
    reached, size = {anchor}, 0
    while len(reached) > size:
        size = len(reached)
        for _, keys in received:
            if not reached.isdisjoint((*keys.anchors, *keys.identities)):
                reached.update(keys.identities)
    named = [(fact, keys) for fact, keys in received if not reached.isdisjoint((*keys.anchors, *keys.identities))]
    tied = {key for _, keys in named for key in keys.shared}
    direct = {fact.name for fact, _ in named}
    return [fact for fact, keys in received if fact.name in direct or not tied.isdisjoint(keys.shared)]
