"""What a verification found: differences by table, the first of them in full, and what could not be checked (pure)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

MOST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not as the events say; `expected` is None for one too many, `stored` for one that is missing."""

    table: str
    name: str
    expected: Any
    stored: Any

    def __str__(self) -> str:
        if self.stored is None:
            return f"{self.table} {self.name}: missing, expected {self.expected}"
        if self.expected is None:
            return f"{self.table} {self.name}: nothing says so, stored {self.stored}"
        return f"{self.table} {self.name}: stored {self.stored}, expected {self.expected}"


@dataclass(slots=True)
class Report:
    """The result: `trusted` facts are older than `kept_since`; retention has dropped their events."""

    kept_since: date
    events: int = 0
    journeys: int = 0
    trusted: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    examples: list[Difference] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether everything that could be checked is as the events say."""
        return not self.counts

    def add(self, difference: Difference) -> None:
        """Count a difference; the first of each table are kept to be shown."""
        if self.counts[difference.table] < MOST_EXAMPLES:
            self.examples.append(difference)
        self.counts[difference.table] += 1

    def lines(self) -> list[str]:
        """Say it in words, a line each."""
        told = [f"{self.events:,} events, {self.journeys:,} journeys checked"]
        if self.trusted:
            told.append(
                f"{self.trusted:,} facts are older than {self.kept_since}: their events were dropped, so they are taken"
                " as the journeys hold them, and counts of events before that day are not checked"
            )
        told += [str(one) for one in self.examples]
        told += [f"{table}: {number:,} differences" for table, number in sorted(self.counts.items())]
        return told if self.counts else [*told, "no differences"]
