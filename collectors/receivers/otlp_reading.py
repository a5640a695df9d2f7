"""What a request of OTLP came to: events, what was refused, and what is no business of the tower's (pure)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.core.errors import PayloadError
from app.events.event import Event, Refusal
from collectors.receivers.cloudevents_normalise import examine
from collectors.receivers.otlp_json import UNREADABLE, Broken, Record, read_json, wrap
from collectors.receivers.otlp_protobuf import read_protobuf
from collectors.receivers.otlp_room import MAX_KEPT_BYTES, MAX_RECORD_BYTES, MAX_RECORDS, Room
from collectors.receivers.otlp_signals import Encoding, Signal
from collectors.receivers.reasons import explain

NOT_BUSINESS = "not business"
# JSON may spell the letters, digits and marks of a name as escapes, though hardly anybody does.
_SPELT = rb"\\u00(?:2[eE]|3[0-9]|5[fF]|[67][0-9a-fA-F])"
NUL, REPLACEMENT = "\0", "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the doors go by: known steps, how retail attributes begin, and how large and how many records may be."""

    steps: frozenset[str]
    max_event_bytes: int = MAX_RECORD_BYTES
    prefix: str = "retail"
    max_records: int = MAX_RECORDS
    max_kept_bytes: int = MAX_KEPT_BYTES


@dataclass(slots=True)
class Reading:
    """Events and refusals, how many records were left and why, and milestones that no flow knows."""

    signal: Signal
    events: list[Event] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    room: Room = field(default_factory=Room)

    def refuse(self, record: Record, reason: str) -> None:
        """Set one record aside, in a form that can be mended and sent again."""
        self._set_aside(Refusal(record.index, reason.replace(NUL, REPLACEMENT), wrap(self.signal, record)))

    def refuse_broken(self, part: Broken) -> None:
        """Set aside what cannot be told apart into records."""
        kept = [("content-type", part.content_type)]
        self._set_aside(Refusal(part.index, part.reason.replace(NUL, REPLACEMENT), part.body, headers=kept))

    def _set_aside(self, refusal: Refusal) -> None:
        self.room.keep(len(refusal.body))
        self.refusals.append(refusal)


def begin(signal: Signal, rules: Rules) -> Reading:
    """Begin to read a request with all the room that one has."""
    return Reading(
        signal,
        room=Room(
            max_records=rules.max_records, max_record_bytes=rules.max_event_bytes, max_kept_bytes=rules.max_kept_bytes
        ),
    )


def find_records(reading: Reading, encoding: Encoding, body: bytes, words: Iterable[str]) -> Iterator[Record]:
    """Find the records that hold one of these words; the others, most of all telemetry, are counted and left."""
    wanted = re.compile(b"|".join([_SPELT, *(re.escape(word.encode()) for word in words)]))
    read = read_protobuf if encoding is Encoding.PROTOBUF else read_json
    around = None
    for found in read(reading.signal, body, wanted, reading.room):
        if found is None:
            reading.left[NOT_BUSINESS] += 1
        elif isinstance(found, Broken):
            reading.refuse_broken(found)
        else:
            if around is not (around := found.scope):
                reading.room.read(found.resource, found.scope)
            reading.room.read(found.body)
            yield found


def check_record(reading: Reading, record: Record) -> bytes:
    """Write a record for keeping, unless it is too large or holds what later readers could not."""
    if reason := reading.room.oversized(record.resource, record.scope, record.body):
        raise PayloadError(reason)
    payload = wrap(reading.signal, record)
    reading.room.keep(len(payload))
    try:
        examine(payload)
    except UNREADABLE as error:
        raise PayloadError(explain(error, len(payload), "OTLP/JSON")) from None
    return payload
