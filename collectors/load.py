"""Takes files of CloudEvents, one a line, through the same reading as the receiver."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session, sessionmaker

from app.core.database import transaction
from app.events.inbox import append_events, quarantine
from app.events.reasons import kind_of
from collectors.mappings.queries import Shelf
from collectors.receivers.cloudevents_normalise import Limits, Reading, read_lines
from collectors.receivers.mapped import map_foreign
from collectors.receivers.mapping import Mapping

DOOR = "load"
LINES_AT_ONCE = 1_000
EXAMPLES = 20


@dataclass(slots=True)
class LoadResult:
    """What a load brought; `examples` are the first refusals, by line number from 1."""

    received: int = 0
    quarantined: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[int, str]] = field(default_factory=list)

    def add(self, reading: Reading) -> None:
        """Count what one stretch of lines brought."""
        self.received += len(reading.events)
        self.quarantined += len(reading.refusals)
        self.reasons.update(kind_of(refusal.reason) for refusal in reading.refusals)
        room = EXAMPLES - len(self.examples)
        self.examples += [(refusal.index + 1, refusal.reason) for refusal in reading.refusals[:room]]


def load_events(
    sessions: sessionmaker[Session],
    lines: Iterable[bytes],
    *,
    limits: Limits,
    now: datetime,
    sender: str = "load",
    on_progress: Callable[[int], None] = lambda _bytes: None,
) -> LoadResult:
    """Take every line in, a thousand a transaction; `on_progress` hears how many bytes each stretch had."""
    result, shelf = LoadResult(), Shelf()

    def mappings() -> Sequence[Mapping]:
        with transaction(sessions) as session:
            return shelf.read(session, limits.steps)

    for stretch in _stretches(lines):
        reading = map_foreign(read_lines(stretch, limits, now), DOOR, mappings, limits, now)
        with transaction(sessions) as session:
            append_events(session, reading.events, now)
            quarantine(session, reading.refusals, DOOR, sender, now)
        result.add(reading)
        on_progress(sum(len(line) for _, line in stretch))
    return result


def _stretches(lines: Iterable[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    numbered = enumerate(lines)
    while stretch := list(islice(numbered, LINES_AT_ONCE)):
        yield stretch
