"""What was known of a journey by a time: correlation over the facts received by then, keys included (pure)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from app.events.fact import Fact
from app.events.keys import EventKeys
from app.journeys.flow import Flow
from app.journeys.ownership import Label, anchor_label, settle
from app.journeys.touches import touches_by_others, touches_itself


def known_facts(flow: Flow, anchor: str, facts: Iterable[Fact], known: datetime) -> list[Fact]:
    """Of all facts around a journey keep those received by `known` that were then known to be about it.

    A fact that reached us before the link that explains it was not yet known to be; one that a contradiction has taken
    away since still was.
    """
    received = [(fact, flow.keys.sort(fact)) for fact in facts if fact.received_at <= known]
    labels = _labels(flow.kind, [keys for _, keys in received])
    label = labels.get(anchor)
    if label is None or label.role == "contended":
        return []
    [journey] = label.owners
    named = [touches_itself(flow.kind, keys, labels) for _, keys in received]
    ties: dict[str, set[UUID]] = {}
    for (_, keys), touched in zip(received, named, strict=True):
        for key in keys.shared:
            ties.setdefault(key, set()).update(touched)
    return [
        fact
        for (fact, keys), touched in zip(received, named, strict=True)
        if journey in (touched or touches_by_others(keys, labels, ties))
    ]


def _labels(kind: str, stated: list[EventKeys]) -> dict[str, Label]:
    anchors = {key for keys in stated for key in keys.anchors}
    near: dict[str, set[str]] = {}
    for keys in stated:
        for key in keys.identities:
            near.setdefault(key, set()).update({*keys.anchors, *keys.identities} - {key})
    return {key: anchor_label(kind, key) for key in anchors} | settle(kind, anchors, near.keys(), near)
