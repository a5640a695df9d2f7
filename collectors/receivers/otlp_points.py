"""The points of one metric → figures of queues and signs of life of connectors (pure)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from app.core.errors import PayloadError
from collectors.receivers.native import MAX_WORD
from collectors.receivers.otlp_json import Record, decode
from collectors.receivers.otlp_metric_names import CHANGES, HEARTBEAT, Meaning, known_metrics
from collectors.receivers.otlp_reading import NOT_BUSINESS, Reading, Rules, check_record
from collectors.receivers.otlp_records import (
    NANO,
    Metric,
    Point,
    Points,
    to_attributes,
    to_double,
    to_nanos,
    to_whole,
)
from collectors.receivers.otlp_told import Told, around_of, modernise, tell

WRONG_KIND, NO_VALUE = "wrong kind", "no value"
DELTA = 1
NO_RECORDED_VALUE = 1
SCALES = {"ms": 0.001}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured, in which second: the figures of one subject make one sample."""

    step: str
    name: str
    broker: str
    service: str
    second: int
    resource: bytes


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of a subject, and the point alone as it was sent."""

    subject: Subject
    figure: str
    metric: str
    value: float
    record: Record


def measure(reading: Reading, record: Record, rules: Rules) -> Iterator[Measured]:
    """Read the points of a metric; those that tell nothing are counted, those that cannot be right are refused."""
    metric: Metric = decode(Metric, record.body)
    kind, points = ("gauge", metric.gauge) if metric.gauge else ("sum", metric.sum)
    meanings = known_metrics(rules.prefix).get(metric.name or "")
    if points is None or meanings is None:
        reading.left[NOT_BUSINESS] += 1
        return
    check_record(reading, record)
    usable = [meaning for meaning in meanings if _fits(meaning, kind, points)]
    for raw in points.data_points or ():
        reading.room.walk()
        reading.room.read(bytes(raw))
        alone = msgspec.structs.replace(record, body=_write_alone(metric, kind, points, raw))
        try:
            measured = _read_point(reading, alone, raw, metric, usable, rules)
        except PayloadError as error:
            reading.refuse(alone, error.message)
        else:
            if measured is not None:
                yield measured


def _fits(meaning: Meaning, kind: str, points: Points) -> bool:
    """A level is a gauge or a sum that may fall; a change is what was added since the last export."""
    if meaning.figure == HEARTBEAT:
        return True
    is_change = points.aggregation_temporality == DELTA
    if meaning.figure in CHANGES:
        return kind == "sum" and is_change
    return kind == "gauge" or not (is_change or points.is_monotonic)


def _read_point(
    reading: Reading, alone: Record, raw: bytes, metric: Metric, usable: list[Meaning], rules: Rules
) -> Measured | None:
    point: Point = decode(Point, raw)
    own = modernise(to_attributes(point.attributes))
    told = tell(rules.prefix, [[own]], around_of(alone.scope), around_of(alone.resource))
    meaning = next((one for one in usable if one.only is None or told.text(one.only[0]) == one.only[1]), None)
    value = _read_value(point)
    if meaning is None or value is None:
        reading.left[WRONG_KIND if meaning is None else NO_VALUE] += 1
        return None
    subject = _subject(meaning, told, point, alone)
    return Measured(subject, meaning.figure, metric.name or "", value * SCALES.get(metric.unit or "", 1), alone)


def _read_value(point: Point) -> float | None:
    """Read the number; a number that is missing is unknown, never 0."""
    if (point.flags or 0) & NO_RECORDED_VALUE:
        return None
    if point.as_int is not None:
        value: float = to_whole(point.as_int, "asInt")
    elif point.as_double is not None:
        value = to_double(point.as_double, "asDouble")
    else:
        return None
    if math.isnan(value):
        return None
    if value < 0 or math.isinf(value):
        raise PayloadError(f"the value {value} cannot be one of a queue: send what the broker counts, from 0")
    return value


def _subject(meaning: Meaning, told: Told, point: Point, record: Record) -> Subject:
    second = to_nanos(point.time_unix_nano, "timeUnixNano") // NANO
    if not second:
        raise PayloadError("the point has no time: send timeUnixNano")
    if meaning.figure == HEARTBEAT:
        name = told.retail("connector") or told.service
        return Subject("connector.heartbeat", name, "", told.service, second, record.resource)
    name, broker = _queue(meaning, told), meaning.broker or told.text("messaging.system") or ""
    return Subject("queue.sample", name, broker, told.service, second, record.resource)


def _queue(meaning: Meaning, told: Told) -> str:
    """Name the queue; the virtual host `/`, which is everybody's, is not part of the name."""
    parts = [(told.text(name) or "").strip("/") for name in meaning.queue]
    if not parts[-1]:
        raise PayloadError(f"the point names no queue: add the attribute {meaning.queue[-1]}")
    name = "/".join(part for part in parts if part)
    if len(name) > MAX_WORD:
        raise PayloadError(f"the name of the queue is longer than {MAX_WORD} characters")
    return name


def _write_alone(metric: Metric, kind: str, points: Points, raw: msgspec.Raw) -> bytes:
    traits = {"aggregationTemporality": points.aggregation_temporality, "isMonotonic": points.is_monotonic}
    told = {name: value for name, value in traits.items() if value is not None}
    named = {"name": metric.name, **({"unit": metric.unit} if metric.unit else {})}
    return msgspec.json.encode(named | {kind: told | {"dataPoints": [raw]}})
