"""Whose an event is: the flows that take it, the one that counts it, and the journey that raises its trouble (pure).

The steps of a return stand on the timeline of its order too. Each is counted once, and its trouble is raised once.
"""

from app.events.fact import Fact
from app.events.keys import EventKeys
from app.journeys.flow import Flow

MESSAGES = frozenset({"message.dead_lettered", "message.replayed"})


def takes_fact(flow: Flow, fact: Fact) -> bool:
    """Say whether journeys of a flow keep this fact; a message about one of its steps is the flow's too."""
    return fact.step in flow.takes or (fact.step in MESSAGES and fact.about in flow.steps)


def step_of(flow: Flow, fact: Fact) -> str:
    """The step that a fact speaks of: a message about a step speaks of that one."""
    return fact.about if fact.step in MESSAGES and fact.about is not None and fact.about in flow.steps else fact.step


def counts_fact(flow: Flow, fact: Fact) -> bool:
    """Say whether this flow counts the fact, or leaves that to the flow whose step it is."""
    step = fact.step
    return (step_of(flow, fact) if step in MESSAGES else step) not in flow.guests


def raises_trouble(flow: Flow, fact: Fact, step: str) -> bool:
    """Say whether trouble at a step is this journey's own.

    A return's trouble is the return's; it is the order's only when the event names the order and no return.
    """
    if step in flow.guests:
        keys = flow.keys.sort(fact)
        return _names_it(keys) and not _carries(keys.facets, flow.guest_names)
    if flow.hosts:
        keys = flow.keys.sort(fact)
        return _names_it(keys) or not _carries(keys.shared, flow.hosts)
    return True


def _names_it(keys: EventKeys) -> bool:
    return bool(keys.anchors or keys.identities)


def _carries(keys: tuple[str, ...], namespaces: frozenset[str]) -> bool:
    return any(key.partition(":")[0] in namespaces for key in keys)
