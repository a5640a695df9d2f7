"""Rules: how long one evaluation of 500 varied rules takes, asked and saved as the worker does it."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle, islice
from random import Random
from statistics import median
from typing import Any

from sqlalchemy import delete, func, select

from alerts.dispatch import Outlet
from alerts.evaluate import evaluate_rules, hold_alerts
from alerts.rule_file import rule_of
from app.core.clock import utc_now
from app.core.database import make_sessions, transaction, try_lock
from app.exceptions.bands import BANDS
from app.metrics.catalogue import CATALOGUE
from app.models.alerts import Alert, AlertRule
from bench.estate import Tower
from bench.workload import CHANNELS, STEPS

RULES = 500
ROUNDS = 5
PREFIX = "bench-"
ON = {"is_enabled": True, "is_edited": True}
NOBODY = Outlet((), "http://127.0.0.1")
# What a rule may be narrowed to, by dimension: names that the workload knows.
PLACES = {
    "age": [band.name for band in BANDS],
    "channel": [channel for channel, _ in CHANNELS],
    "connector": sorted({f"{system}-in" for _, system, _ in STEPS}),
    "kind": ["timeout", "unavailable"],
    "owner": ["ERP integration", "Warehouse"],
    "step": [step for step, _, _ in STEPS],
    "system": sorted({system for _, system, _ in STEPS}),
}


def measure_rules(tower: Tower) -> float:
    """Seconds of one evaluation, the middle of some; its rules are 500 different ones beside the shipped ones."""
    sessions, seconds = make_sessions(tower.engine), []
    with rules_beside(tower, varied_rules(RULES)), _instead_of_the_worker(tower):
        for _ in range(ROUNDS):
            started = time.perf_counter()
            with transaction(sessions) as session:
                evaluate_rules(session, utc_now(), NOBODY)
            seconds.append(time.perf_counter() - started)
        with sessions() as session:
            broken = session.scalar(select(func.min(AlertRule.error)).where(AlertRule.name.startswith(PREFIX)))
        if broken:
            raise RuntimeError(f"a rule could not be asked: {broken}")
    return median(seconds)


@contextmanager
def _instead_of_the_worker(tower: Tower) -> Iterator[None]:
    """Take the worker's job from it, for it would take turns with us."""
    while True:
        with try_lock(tower.engine, "job:rules") as held:
            if held is not None:
                yield
                return
        time.sleep(0.1)


@contextmanager
def rules_beside(tower: Tower, rules: Iterable[Mapping[str, Any]]) -> Iterator[None]:
    """Keep these rules beside the shipped ones for as long as the block lasts."""
    sessions = make_sessions(tower.engine)
    with transaction(sessions) as session:
        hold_alerts(session)
        for number, rule in enumerate(rules):
            definition = _definition(number, rule)
            rule_of(definition)
            session.add(AlertRule(name=f"{PREFIX}{number}", definition=definition, updated_at=utc_now(), **ON))
    try:
        yield
    finally:
        with transaction(sessions) as session:
            hold_alerts(session)  # the worker may be writing what it made of them
            session.execute(delete(Alert).where(Alert.rule.startswith(PREFIX)))
            session.execute(delete(AlertRule).where(AlertRule.name.startswith(PREFIX)))


def varied_rules(count: int) -> Iterator[dict[str, Any]]:
    """Rules as a retailer has them: a metric as a whole, by each dimension, and of one channel, step or system."""
    shapes = [shape for metric in CATALOGUE for shape in _shapes(metric)]
    Random(1).shuffle(shapes)
    for number, (metric, by, where) in enumerate(islice(cycle(shapes), count)):
        yield {"metric": metric, "by": by, "where": where, "when": {"above": 10 + number}, "for": "1m"}


def _shapes(metric: str) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    dimensions = CATALOGUE[metric].dimensions
    yield metric, [], {}
    for name in dimensions:
        yield metric, [name], {}
        for place in PLACES.get(name, []):
            for by in ([], ["step"], ["channel"]):
                if name not in by and {*by} <= {*dimensions}:
                    yield metric, by, {name: place}


def _definition(number: int, rule: Mapping[str, Any]) -> dict[str, Any]:
    words = {"title": f"Rule {number}", "owner": "Bench", "summary": "It is {value}.", "runbook": "None."}
    return {"name": f"{PREFIX}{number}", "severity": "watch", **words, **rule}
