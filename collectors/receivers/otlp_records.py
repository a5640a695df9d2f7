"""The fields of spans, log records and metrics that the tower reads, and their values in Python (pure)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Raw, Struct

from app.core.errors import PayloadError

# 64-bit integers come as text or as numbers; a number with a point or an exponent has been through a float.
Whole = int | str | None
Double = float | str | None
Value = str | bool | int | float | list["Value"] | dict[str, "Value"] | None

NANO = 10**9
_INTEGER = re.compile(r"-?[0-9]{1,20}")


class AnyValue(Struct, frozen=True, rename="camel"):
    """A value of one of the kinds that attributes may have."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: Whole = None
    double_value: Double = None
    bytes_value: str | None = None
    array_value: "ValueList | None" = None
    kvlist_value: "PairList | None" = None


class KeyValue(Struct, frozen=True):
    """One attribute."""

    key: str = ""
    value: AnyValue | None = None


class ValueList(Struct, frozen=True):
    """Several values."""

    values: list[AnyValue] | None = None


class PairList(Struct, frozen=True):
    """Several attributes as one value."""

    values: list[KeyValue] | None = None


class Carrier(Struct, frozen=True, rename="camel"):
    """Anything that carries attributes: a resource, a scope, a link."""

    attributes: list[KeyValue] | None = None


class SpanEvent(Struct, frozen=True, rename="camel"):
    """Something that happened during a span."""

    name: str | None = None
    attributes: list[KeyValue] | None = None


class Status(Struct, frozen=True):
    """How a span ended: 0 unset, 1 ok, 2 error."""

    code: int | None = None
    message: str | None = None


class Span(Struct, frozen=True, rename="camel"):
    """One operation."""

    trace_id: str | None = None
    span_id: str | None = None
    name: str | None = None
    start_time_unix_nano: Whole = None
    end_time_unix_nano: Whole = None
    attributes: list[KeyValue] | None = None
    events: list[SpanEvent] | None = None
    links: list[Carrier] | None = None
    status: Status | None = None


class LogRecord(Struct, frozen=True, rename="camel"):
    """One line of a log; severities from 17 are errors."""

    time_unix_nano: Whole = None
    observed_time_unix_nano: Whole = None
    severity_number: int | None = None
    severity_text: str | None = None
    event_name: str | None = None
    body: AnyValue | None = None
    attributes: list[KeyValue] | None = None
    trace_id: str | None = None
    span_id: str | None = None


class Point(Struct, frozen=True, rename="camel"):
    """One number at one time; flag 1 says that there is none."""

    attributes: list[KeyValue] | None = None
    time_unix_nano: Whole = None
    as_int: Whole = None
    as_double: Double = None
    flags: int | None = None


class Points(Struct, frozen=True, rename="camel"):
    """The points of a gauge or a sum, not read yet; temporality 1 is a change, 2 a level since the start."""

    data_points: list[Raw] | None = None
    aggregation_temporality: int | None = None
    is_monotonic: bool | None = None


class Metric(Struct, frozen=True):
    """One metric; only numbers are read, distributions are not."""

    name: str | None = None
    unit: str | None = None
    gauge: Points | None = None
    sum: Points | None = None


def to_attributes(pairs: Sequence[KeyValue] | None) -> dict[str, Value]:
    """Read attributes; of a repeated key the last counts."""
    return {pair.key: to_value(pair.value) for pair in pairs or ()}


def to_value(value: AnyValue | None) -> Value:
    """Read a value of any kind; bytes stay in base64."""
    if value is None:
        return None
    if value.int_value is not None:
        return to_whole(value.int_value, "intValue")
    if value.double_value is not None:
        return to_double(value.double_value, "doubleValue")
    if value.array_value is not None:
        return [to_value(one) for one in value.array_value.values or ()]
    if value.kvlist_value is not None:
        return dict(to_attributes(value.kvlist_value.values))
    return next((one for one in (value.string_value, value.bool_value, value.bytes_value) if one is not None), None)


def to_whole(number: int | str, name: str) -> int:
    """Read a 64-bit integer."""
    if isinstance(number, str) and not _INTEGER.fullmatch(number):
        raise PayloadError(f"{name} {number!r:.40} is not a whole number")
    whole = int(number)
    if not -(2**63) <= whole < 2**64:
        raise PayloadError(f"{name} is out of range")
    return whole


def to_double(number: float | str, name: str) -> float:
    """Read a double; JSON has no other way than text for what is not finite."""
    try:
        return float(number)
    except ValueError:
        raise PayloadError(f"{name} {number!r:.40} is not a number") from None


def to_nanos(number: Whole, name: str) -> int:
    """Read nanoseconds since the epoch; 0 is unknown."""
    nanos = to_whole(number or 0, name)
    if nanos < 0:
        raise PayloadError(f"{name} is negative")
    return nanos


def to_moment(nanos: int) -> datetime:
    """Turn nanoseconds since the epoch into a time, without a float."""
    seconds, rest = divmod(nanos, NANO)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)
