"""Which journeys an event touches, given what is known of its keys: rules 1 to 4 of docs/correlation.md (pure)."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from app.core.ids import journey_id
from app.events.keys import EventKeys
from app.journeys.ownership import Label


def touches_itself(kind: str, keys: EventKeys, labels: Mapping[str, Label]) -> set[UUID]:
    """Rules 1 and 2: the owners of what the event names, else the provisional journeys of it."""
    touched = {journey_id(kind, key) for key in keys.anchors}
    provisional: list[UUID] = []
    for label in map(labels.get, keys.identities):
        if label is not None and label.role == "identity":
            touched.add(label.owners[0])
        elif label is not None and label.role == "provisional":
            provisional.append(label.owners[0])
    return touched or set(provisional)


def touches_by_others(keys: EventKeys, labels: Mapping[str, Label], ties: Mapping[str, Iterable[UUID]]) -> set[UUID]:
    """Rule 3: every journey tied to a shared key of the event, and every claimant of its contended keys."""
    touched: set[UUID] = set()
    for key in keys.shared:
        touched.update(ties.get(key, ()))
    for key in keys.identities:
        if key in labels and labels[key].role == "contended":
            touched.update(labels[key].owners)
    return touched
