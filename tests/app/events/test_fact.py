"""Facts as they are stored: one after another, so that others can be appended."""

import pytest

from app.events.fact import fact_of, pack_facts, unpack_fact, unpack_facts
from tests.builders import an_event

FACT = fact_of(an_event())


# Where the count before a list of them would take more bytes.
@pytest.mark.parametrize("count", [0, 1, 15, 16, 65_535, 65_536])
def test_facts_written_together_are_those_written_one_by_one(count: int) -> None:
    packed = pack_facts([FACT] * count)
    assert packed == pack_facts([FACT]) * count
    assert unpack_facts(packed, count) == [FACT] * count


def test_a_fact_reads_back() -> None:
    assert unpack_fact(pack_facts([FACT])) == FACT
