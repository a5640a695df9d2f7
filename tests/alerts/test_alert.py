"""The life of an alert, from table and from chance."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import Life, State, advance
from alerts.rules import Verdict
from tests.alerts.figures import NOON, a_rule

RULE = a_rule(for_seconds=60, clear_seconds=120)
WORDS = {"!": Verdict.BREACH, "~": Verdict.BETWEEN, ".": Verdict.CLEAR, "?": Verdict.UNKNOWN}
STATES = {State.INACTIVE: "-", State.PENDING: "p", State.FIRING: "F", State.RESOLVED: "r"}


def play(verdicts: list[Verdict], step: timedelta = timedelta(seconds=30)) -> list[tuple[datetime, Life]]:
    """Live through one evaluation after another; a resolved alert makes room for the next one."""
    life, lives = Life(), []
    for place, verdict in enumerate(verdicts):
        now = NOON + place * step
        life = advance(Life() if life.state is State.RESOLVED else life, verdict, RULE, now)
        lives.append((now, life))
    return lives


@pytest.mark.parametrize(
    ("verdicts", "states"),
    [
        ("!!!!", "ppFF"),
        ("!.!!!", "p-ppF"),
        ("!~!!!", "p-ppF"),
        ("!?!!!", "ppFFF"),
        ("!??????", "ppppppp"),
        ("????", "----"),
        ("!!!.....", "ppFFFFFr"),
        ("!!!..!.....", "ppFFFFFFFFr"),
        ("!!!..~.....", "ppFFFFFFFFr"),
        ("!!!..?.....", "ppFFFFFFFFr"),
        ("!!!????????", "ppFFFFFFFFF"),
        ("!!!.....!!!", "ppFFFFFrppF"),
        ("!!!.....?", "ppFFFFFr-"),
    ],
)
def test_alert_lives(verdicts: str, states: str) -> None:
    lives = play([WORDS[word] for word in verdicts])
    assert "".join(STATES[life.state] for _, life in lives) == states


def test_without_a_wait_it_fires_and_clears_at_once() -> None:
    rule = a_rule(for_seconds=0, clear_seconds=0)
    fired = advance(Life(), Verdict.BREACH, rule, NOON)
    assert (fired.state, fired.pending_at, fired.firing_at) == (State.FIRING, NOON, NOON)
    assert advance(fired, Verdict.CLEAR, rule, NOON).state is State.RESOLVED


verdicts = st.lists(st.sampled_from(list(Verdict)), max_size=60)


@given(verdicts)
def test_unknown_neither_fires_nor_resolves(sequence: list[Verdict]) -> None:
    lives = [(NOON, Life()), *play(sequence)]
    for verdict, ((_, before), (_, after)) in zip(sequence, pairwise(lives), strict=True):
        if verdict is Verdict.UNKNOWN and before.state is not State.RESOLVED:
            assert after.state is before.state
            assert after.pending_at == before.pending_at


@given(verdicts)
def test_it_fires_only_after_its_wait_and_resolves_only_after_being_seen_clear(sequence: list[Verdict]) -> None:
    for now, life in play(sequence):
        if life.firing_at:
            assert life.pending_at is not None
            assert life.firing_at - life.pending_at >= timedelta(seconds=60)
        if life.state is State.RESOLVED:
            since = life.clear_since
            assert since is not None
            assert now - since >= timedelta(seconds=120)
            seen = [
                verdict
                for place, verdict in enumerate(sequence)
                if since <= NOON + place * timedelta(seconds=30) <= now
            ]
            assert set(seen) == {Verdict.CLEAR}


@given(verdicts, st.integers(1, 5))
def test_asking_again_at_the_same_moment_changes_nothing(sequence: list[Verdict], times: int) -> None:
    for now, life in play(sequence):
        again = life
        for _ in range(times):
            again = advance(again, Verdict.UNKNOWN, RULE, now) if life.state is not State.RESOLVED else again
        assert again.state is life.state
