"""A token that was found is known for a second, and never longer."""

from datetime import timedelta

import pytest

from app.auth.queries import KnownToken
from app.auth.tokens import FRESH, TokenMemory
from tests.builders import NOW

TILL = KnownToken("till", frozenset({"ingest"}))
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("later", "expected"), [(timedelta(0), TILL), (FRESH - MOMENT, TILL), (FRESH, None), (-MOMENT, None)]
)
def test_a_token_is_known_for_a_second(later: timedelta, expected: KnownToken | None) -> None:
    memory = TokenMemory()
    memory.keep("phr_till", TILL, NOW)
    assert memory.recall("phr_till", NOW + later) == expected
    assert memory.recall("phr_tilt", NOW + later) is None


def test_a_token_that_is_there_no_more_is_forgotten() -> None:
    memory = TokenMemory()
    memory.keep("phr_till", TILL, NOW)
    memory.keep("phr_till", None, NOW)
    memory.keep("phr_never", None, NOW)
    assert memory.found == {}
