"""The value of a journey: what its facts amount to, packed so that the next fact can be added to it (pure)."""

from datetime import UTC, datetime

import msgspec

from app.events.event import Line
from app.events.fact import Fact, in_order

Place = tuple[datetime, str, str]
_START = datetime.min.replace(tzinfo=UTC)


class Trouble(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An attempt at a step that did not succeed."""

    at: datetime
    outcome: str
    error: str
    system: str


class Journey(msgspec.Struct, array_like=True):
    """The fold of a journey's facts; histories are in time order, one entry a change; `last` is the last fact's place.

    `channel` is the first that any fact names, `facets` are the keys that it can be searched by.
    """

    kind: str
    channel: str
    opened_at: datetime
    last_at: datetime = _START
    last: Place = (_START, "", "")
    reached: dict[str, datetime] = {}
    troubles: dict[str, list[Trouble]] = {}
    values: list[tuple[datetime, int, str]] = []
    promises: list[tuple[datetime, datetime]] = []
    lines: tuple[Line, ...] = ()
    cancelled_at: datetime | None = None
    closed_at: datetime | None = None
    ending: str | None = None
    stage: str | None = None
    event_count: int = 0
    facets: list[str] = []

    def copy(self) -> "Journey":
        """A fold that stays as it is while this one goes on."""
        return msgspec.structs.replace(
            self,
            reached=self.reached.copy(),
            troubles={step: troubles.copy() for step, troubles in self.troubles.items()},
            values=self.values.copy(),
            promises=self.promises.copy(),
            facets=self.facets.copy(),
        )

    def takes_next(self, fact: Fact) -> bool:
        """Whether a fact can simply be added: it comes after all others and tells no channel that they lacked."""
        return in_order(fact) > self.last and (bool(self.channel) or not fact.channel)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Journey)


def pack_journey(journey: Journey) -> bytes:
    """Write a journey for the store."""
    return _encoder.encode(journey)


def unpack_journey(packed: bytes) -> Journey:
    """Read a journey from the store."""
    return _decoder.decode(packed)
