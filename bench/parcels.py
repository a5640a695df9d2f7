"""Request bodies, written to a file before the clock starts, so that making them costs the measured system nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import msgspec

from bench.load import Load


@dataclass(frozen=True, slots=True)
class Parcel:
    """Where one body lies, and how many events it holds."""

    start: int
    length: int
    events: int


@dataclass
class Parcels:
    """The bodies of a load, handed out in their order to any number of senders."""

    path: Path
    parcels: list[Parcel]
    _next: Iterator[Parcel] = field(init=False)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._next = iter(self.parcels)

    @property
    def events(self) -> int:
        return sum(parcel.events for parcel in self.parcels)

    def take(self) -> tuple[Parcel, bytes] | None:
        """The next body, or None when all are taken."""
        with self._lock:
            parcel = next(self._next, None)
        if parcel is None:
            return None
        with self.path.open("rb") as file:
            file.seek(parcel.start)
            return parcel, file.read(parcel.length)


def wrap(load: Load, path: Path) -> Parcels:
    """Write every batch of a load as the body of a request."""
    encode, parcels, start = msgspec.json.Encoder().encode, [], 0
    with path.open("wb") as file:
        for batch in load.batches():
            body = encode(batch)
            parcels.append(Parcel(start, len(body), len(batch)))
            start += file.write(body)
    return Parcels(path, parcels)
