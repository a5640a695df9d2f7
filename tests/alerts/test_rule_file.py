"""Rules as they are written: what is taken, and what the reader says about the rest."""

from decimal import Decimal

import pytest

from alerts.commands import SHIPPED
from alerts.questions import questions_of
from alerts.rule_file import read_rules, rule_of
from alerts.rules import Guard, Limit
from app.core.documents import DocumentError
from app.metrics.catalogue import CATALOGUE
from tests.alerts.figures import DEFINITION

GOOD = """\
rules:
  - name: stuck
    title: A queue is stuck
    metric: queue.depth
    by: [queue]
    when: {above: 50}
    and: {metric: queue.drain_time, never: true}
    enough: {metric: throughput, above: 5%}
    for: 2m
    clear: {below: 20, for: 90s}
    stale_after: never
    severity: act
    owner: Platform
    summary: "{value} of {limit} in {queue}"
    runbook: Add consumers.
"""


def test_every_field_is_read() -> None:
    rule = rule_of(read_rules(GOOD)["stuck"])
    assert rule.limit == Limit("above", Decimal(50))
    assert rule.also == Guard("queue.drain_time", Limit("never"))
    assert rule.enough == Guard("throughput", Limit("above", Decimal("0.05")))
    assert (rule.for_seconds, rule.clear, rule.clear_seconds) == (120, Limit("below", Decimal(20)), 90)
    assert rule.stale_seconds is None
    assert rule.by == ("queue",)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "    severity: act",
            "    severity: loud",
            "rules.yaml:12: rules.0.severity: Input should be 'act' or 'watch'",
        ),
        ("    for: 2m", "    fro: 2m", "rules.yaml:9: rules.0.fro: Extra inputs are not permitted"),
        ("    for: 2m", "    for: soon", "rules.yaml:9: rules.0.for: 'soon' is not a duration"),
        ("{above: 50}", "{above: many}", "rules.yaml:6: rules.0.when.above: 'many' is not a limit"),
        ("{above: 50}", "{above: .inf}", "rules.yaml:6: rules.0.when.above"),
        ("{above: 50}", "{above: true}", "rules.yaml:6: rules.0.when.above"),
        ("{above: 50}", "{above: 50, below: 3}", "rules.yaml:6: rules.0.when: say exactly one of"),
        ("{above: 50}", "{}", "rules.yaml:6: rules.0.when: say exactly one of"),
        ("{above: 50}", "{never: true, rising: true}", "rules.yaml:6: rules.0.when: rising goes with above"),
        ("below: 20", "below: 60", "rules.yaml:10: rules.0.clear: lies beyond the limit"),
        ("{below: 20", "{above: 20", "rules.yaml:10: rules.0.clear: name the opposite"),
        ("in {queue}", "in {channel}", "rules.yaml:14: rules.0.summary: {channel} is not known here"),
        ("in {queue}", "in {queue.__class__}", "is not known here"),
        ("    metric: queue.depth\n", "", "rules.yaml:2: rules.0.metric: Field required"),
        ("name: stuck", "name: Stuck queue", "rules.yaml:2: rules.0.name"),
        ("    title: A queue", "    title: [A queue", "rules.yaml:4: not YAML"),
        ("    for: 2m", "    for: 2m\n    for: 3m", "stands twice"),
    ],
)
def test_problem_names_line_and_field(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    with pytest.raises(DocumentError) as caught:
        read_rules(GOOD.replace(old, new))
    assert problem in str(caught.value)


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(DocumentError, match="two rules are named 'stuck'"):
        read_rules(GOOD + GOOD.removeprefix("rules:\n"))


def test_shares_and_durations_become_numbers() -> None:
    assert rule_of({**DEFINITION, "when": {"above": "20%"}, "clear": {}}).limit.value == Decimal("0.2")
    assert rule_of({**DEFINITION, "when": {"above": "15m"}, "clear": {}}).limit.value == 900
    assert rule_of({**DEFINITION, "when": {"above": "0.1"}, "clear": {}}).limit.value == Decimal("0.1")


def test_shipped_rules_ask_what_the_catalogue_answers() -> None:
    shipped = read_rules(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)
    assert len(shipped) >= 6
    for name, definition in shipped.items():
        for metric, by, where in questions_of(rule_of(definition)):
            assert metric in CATALOGUE, name
            assert {*by, *dict(where)} <= set(CATALOGUE[metric].dimensions), name
