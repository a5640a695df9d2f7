"""Metrics of queues and connectors → samples and heartbeats; all others are counted and left (pure)."""

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from app.core.errors import PayloadError
from app.events.event import Event
from collectors.receivers.native import PREFIX, Envelope, Profile, to_event
from collectors.receivers.otlp_json import Record, wrap
from collectors.receivers.otlp_metric_names import HEARTBEAT, known_metrics
from collectors.receivers.otlp_points import Measured, Subject, measure
from collectors.receivers.otlp_reading import Reading, Rules, find_records
from collectors.receivers.otlp_records import NANO, to_moment
from collectors.receivers.otlp_signals import METRICS, Encoding

OLDEST = "oldest_age_seconds"


@dataclass(slots=True)
class Sample:
    """The figures of a subject, each by the metrics that give it, and the points as they were sent."""

    figures: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)

    def add(self, measured: Measured) -> None:
        """Take one more point in."""
        self.figures.setdefault(measured.figure, {}).setdefault(measured.metric, []).append(measured.value)
        self.records.append(measured.record)


def read_metrics(reading: Reading, encoding: Encoding, body: bytes, rules: Rules, now: datetime) -> None:
    """Read one export request; the points of a queue that lie in the same second are one sample."""
    samples: dict[Subject, Sample] = {}
    for record in find_records(reading, encoding, body, known_metrics(rules.prefix)):
        try:
            for measured in measure(reading, record, rules):
                samples.setdefault(measured.subject, Sample()).add(measured)
        except PayloadError as error:
            reading.refuse(record, error.message)
    for subject, sample in samples.items():
        _take(reading, subject, sample, rules, now)


def _take(reading: Reading, subject: Subject, sample: Sample, rules: Rules, now: datetime) -> None:
    figures = {name: _combine(name, next(iter(values.values()))) for name, values in sample.figures.items()}
    if figures.pop(HEARTBEAT, 1) == 0:
        reading.left["not alive"] += len(sample.records)
        return
    try:
        reading.events.append(_event(subject, figures, sample, rules, now))
    except PayloadError as error:
        for record in sample.records:
            reading.refuse(record, error.message)


def _combine(figure: str, values: list[float]) -> float:
    """Partitions add up; the oldest message of all is the oldest of one."""
    value = max(values) if figure == OLDEST else sum(values)
    return int(value) if value == int(value) else value


def _event(subject: Subject, figures: dict[str, float], sample: Sample, rules: Rules, now: datetime) -> Event:
    is_queue = subject.step == "queue.sample"
    place = f"{subject.broker}/{subject.name}" if subject.broker else subject.name
    envelope = Envelope(
        id=f"{subject.step}/{place}/{subject.second}",
        source=f"otlp:{subject.service}",
        specversion="1.0",
        type=f"{PREFIX}{subject.step}",
        subject=subject.name,
        time=to_moment(subject.second * NANO),
    )
    attributes = {"queue": subject.name, **({"broker": subject.broker} if subject.broker else {}), **figures}
    profile = Profile(
        system=subject.broker or subject.service,
        connector=None if is_queue else subject.name,
        attributes=attributes if is_queue else None,
    )
    together = msgspec.structs.replace(sample.records[0], body=b",".join(one.body for one in sample.records))
    return to_event(envelope, profile, wrap(METRICS, together), rules.steps, now)
