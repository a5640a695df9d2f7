"""What one journey puts into the read models: a pure function of its facts, kept packed beside them (pure)."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from app.exceptions.causes import CauseNote
from app.exceptions.risk import Stake, find_stakes
from app.exceptions.rules import Interval, find_exceptions
from app.journeys.flow import Flow
from app.journeys.fold import fold
from app.journeys.journey import Fact, Journey
from app.metrics.contributions import contributions
from app.series.series import Dimensions, Slot, series_id


class Projection(msgspec.Struct, array_like=True, gc=False):
    """Rows of a journey in the read models, as they were written last."""

    channel: str = ""
    intervals: list[Interval] = []
    stakes: list[Stake] = []
    counts: list[tuple[int, int, int, int]] = []
    facets: list[str] = []
    milestones: list[tuple[str, datetime]] = []


class Projected(msgspec.Struct, gc=False):
    """A fresh projection, the journey it shows, and the names that it uses."""

    journey: Journey
    projection: Projection
    causes: dict[str, CauseNote]
    series: set[Dimensions]


EMPTY = Projection()
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Projection)


def project(flow: Flow, facts: Sequence[Fact]) -> Projected:
    """Fold facts (at least one) and derive all that is stored of the journey."""
    journey = fold(flow, facts)
    intervals, causes = find_exceptions(flow, journey)
    stakes = find_stakes(flow, journey, intervals)
    counted = contributions(flow, journey, facts)
    counts = [(series_id(one), minute, bucket, count) for (one, minute, bucket), count in counted.items() if count]
    facets = sorted({key for fact in facts for key in flow.keys.sort(fact).facets})
    milestones = sorted(journey.reached.items(), key=lambda one: (one[1], one[0]))
    projection = Projection(journey.channel, intervals, stakes, sorted(counts), facets, milestones)
    return Projected(journey, projection, causes, {dimensions for dimensions, _, _ in counted})


def slots(projection: Projection) -> dict[Slot, int]:
    """Counts by slot, to be subtracted from other counts."""
    return {(series, minute, bucket): count for series, minute, bucket, count in projection.counts}


def pack(projection: Projection) -> bytes:
    """Write a projection compactly."""
    return _encoder.encode(projection)


def unpack(packed: bytes) -> Projection:
    """Read a projection."""
    return _decoder.decode(packed)
