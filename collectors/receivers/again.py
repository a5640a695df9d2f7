"""Reads again what was set aside, as its door would read it today: a new door is one line in READERS."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.core.errors import PayloadError, PharosError
from app.events.event import Refusal, unpack_event
from app.events.quarantine import Kept
from collectors.receivers.access import unpack
from collectors.receivers.cloudevents_normalise import Limits, Mode, Reading, normalise
from collectors.receivers.mapped import WEBHOOK_DOOR, map_foreign, read_webhook
from collectors.receivers.mapping import Mapping
from collectors.receivers.otlp_normalise import normalise as read_otlp
from collectors.receivers.otlp_reading import Rules
from collectors.receivers.otlp_signals import SIGNALS, Encoding

logger = logging.getLogger(__name__)

PACKED = "packed"


@dataclass(frozen=True, slots=True)
class Means:
    """What readers work with: the limits of the doors, the mappings in use, and how large a body may be."""

    limits: Limits
    mappings: Sequence[Mapping]
    max_body_bytes: int
    otlp_prefix: str = "retail"


Reader = Callable[[Kept, Means], Reading]


def read_again(kept: Kept, means: Means) -> Reading:
    """Read one refusal with the time at which it was received; whatever happens, nothing of it is lost."""
    reader = READERS.get(kept.door) or READERS.get(kept.door.rpartition("/")[0])
    if reader is None:
        return _refused(kept, f"no reader: this release has no door {kept.door!r}")
    try:
        return reader(kept, means)
    except PharosError as error:
        return _refused(kept, error.message)
    except Exception as error:  # one of the four doors: one inbox event
        logger.exception("a refusal could not be read again", extra={"door": kept.door, "refusal": str(kept.id)})
        return _refused(kept, f"it could not be read again: {type(error).__name__}")


def read_event_again(kept: Kept, means: Means) -> Reading:
    """Read CloudEvents natively, then by the mappings."""
    encoding = dict(kept.headers).get("content-encoding", "")
    plain = unpack(kept.body, encoding, means.max_body_bytes)
    reading = normalise(Mode(kept.form), plain, kept.headers, means.limits, kept.received_at)
    return map_foreign(reading, kept.door, lambda: means.mappings, means.limits, kept.received_at)


def read_webhook_again(kept: Kept, means: Means) -> Reading:
    """Read a webhook's body by the mapping that its address names."""
    name = kept.door.rpartition("/")[2]
    mapping = next((one for one in means.mappings if one.name == name), None)
    if mapping is None:
        raise PayloadError(f"mapping {name!r} is not in use")
    encoding = dict(kept.headers).get("content-encoding", "")
    return read_webhook(unpack(kept.body, encoding, means.max_body_bytes), mapping, means.limits, kept.received_at)


def read_otlp_again(kept: Kept, means: Means) -> Reading:
    """Read what OpenTelemetry sent: one record in JSON, or as its headers say; what is no business now stays."""
    rules = Rules(means.limits.steps, means.limits.max_event_bytes, means.otlp_prefix)
    signal = next(one for one in SIGNALS if kept.door == f"/v1/{one.name}")
    headers = dict(kept.headers)
    encoding = Encoding(headers.get("content-type", Encoding.JSON.value).partition(";")[0].strip().lower())
    plain = unpack(kept.body, headers.get("content-encoding", ""), means.max_body_bytes)
    reading = read_otlp(signal, encoding, plain, rules, kept.received_at)
    if not reading.events and not reading.refusals:
        raise PayloadError("; ".join(reading.left) or f"it holds no {signal.counted}")
    return Reading(reading.events, reading.refusals)


def read_parked_again(kept: Kept, means: Means) -> Reading:
    """Take what the pipeline parked: as it would be read today if it reads as the same event, else as it was read."""
    if kept.form != PACKED:
        return read_event_again(kept, means)
    event = unpack_event(kept.body)
    sent = normalise(Mode.STRUCTURED, event.payload, (), means.limits, event.received_at)
    today = map_foreign(sent, "/v1/events", lambda: means.mappings, means.limits, event.received_at)
    return Reading([next((one for one in today.events if one.uid == event.uid), event)], [])


def _refused(kept: Kept, reason: str) -> Reading:
    return Reading([], [Refusal(0, reason, kept.body)], is_unreadable=True)


READERS: dict[str, Reader] = {
    "/v1/events": read_event_again,
    "load": read_event_again,
    WEBHOOK_DOOR: read_webhook_again,
    "pipeline": read_parked_again,
    **{f"/v1/{signal.name}": read_otlp_again for signal in SIGNALS},
}
