"""What a request of OTLP came to: events, what was refused, and what is no business of the tower's (pure)."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.core.errors import PayloadError
from app.events.event import Event, Refusal
from collectors.receivers.cloudevents_normalise import examine
from collectors.receivers.otlp_json import UNREADABLE, Record, read_json, wrap
from collectors.receivers.otlp_protobuf import read_protobuf
from collectors.receivers.otlp_signals import Encoding, Signal
from collectors.receivers.reasons import explain

NOT_BUSINESS = "not business"
# JSON may spell the letters, digits and marks of a name as escapes, though hardly anybody does.
_SPELT = rb"\\u00(?:2[eE]|3[0-9]|5[fF]|[67][0-9a-fA-F])"
NUL, REPLACEMENT = "\0", "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the doors go by: known steps, the size of one record, and how retail attributes begin."""

    steps: frozenset[str]
    max_event_bytes: int = 1024 * 1024
    prefix: str = "retail"


@dataclass(slots=True)
class Reading:
    """Events and refusals, how many records were left and why, and milestones that no flow knows."""

    signal: Signal
    events: list[Event] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    def refuse(self, record: Record, reason: str) -> None:
        """Set one record aside, in a form that can be mended and sent again."""
        self.refusals.append(Refusal(record.index, reason.replace(NUL, REPLACEMENT), wrap(self.signal, record)))


def find_records(signal: Signal, encoding: Encoding, body: bytes, words: Iterable[str]) -> Iterable[Record | None]:
    """Find the records that hold one of these words; the others, most of all telemetry, are None."""
    wanted = re.compile(b"|".join([_SPELT, *(re.escape(word.encode()) for word in words)]))
    read = read_protobuf if encoding is Encoding.PROTOBUF else read_json
    return read(signal, body, wanted)


def check_record(signal: Signal, record: Record, rules: Rules) -> bytes:
    """Write a record for keeping, unless it is too large or holds what later readers could not."""
    payload = wrap(signal, record)
    if len(payload) > rules.max_event_bytes:
        raise PayloadError(f"the record has {len(payload):,} bytes, at most {rules.max_event_bytes:,} are taken")
    try:
        examine(payload)
    except UNREADABLE as error:
        raise PayloadError(explain(error, len(payload), "OTLP/JSON")) from None
    return payload
