"""What one journey puts into the read models: a pure function of its fold (pure)."""

import msgspec

from app.exceptions.causes import CauseNote
from app.exceptions.risk import Stake, find_stakes
from app.exceptions.rules import Interval, find_exceptions
from app.journeys.flow import Flow
from app.journeys.journey import Journey


class Settled(msgspec.Struct, array_like=True, gc=False):
    """Stretches of trouble that have ended, and what stood at stake in them: written once, rarely changed."""

    intervals: list[Interval] = []
    stakes: list[Stake] = []


class Pending(msgspec.Struct, gc=False):
    """Stretches of trouble without an end, present or to come, and what stands at stake in them."""

    intervals: list[Interval]
    stakes: list[Stake]


class Projection(msgspec.Struct, gc=False):
    """All stretches of trouble of a journey, and the causes that they name."""

    settled: Settled
    pending: Pending
    causes: dict[str, CauseNote]


NOTHING = Settled()
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Settled)


def project(flow: Flow, journey: Journey) -> Projection:
    """Derive everything that is stored of a journey's troubles."""
    intervals, causes = find_exceptions(flow, journey)
    stakes = find_stakes(flow, journey, intervals)
    past = [one for one in intervals if one.closed_at is not None]
    lost = [one for one in stakes if one.closed_at is not None]
    settled = Settled(past, lost) if past or lost else NOTHING
    pending = Pending(
        [one for one in intervals if one.closed_at is None] if past else intervals,
        [one for one in stakes if one.closed_at is None] if lost else stakes,
    )
    return Projection(settled, pending, causes)


def pack_settled(settled: Settled) -> bytes | None:
    """Write what has ended compactly; most journeys have had no trouble, and hold nothing."""
    return _encoder.encode(settled) if settled.intervals or settled.stakes else None


def unpack_settled(packed: bytes | None) -> Settled:
    """Read what has ended."""
    return _decoder.decode(packed) if packed else NOTHING
