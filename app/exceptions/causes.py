"""Causes: what exceptions of many orders have in common, named in plain words (pure)."""

import re
from datetime import timedelta
from functools import lru_cache

import msgspec

from app.core.ids import fingerprint
from app.journeys.flow import Flow, Milestone, Step
from app.journeys.journey import Trouble

# What differs from one order to the next: quoted text, article codes, long hexadecimal ids, numbers.
_PARTICULAR = re.compile(
    r"'[^']*'|\"[^\"]*\"|\b[A-Z0-9]+(?:[-_/][A-Z0-9]+)+\b|\b[0-9a-fA-F]{8,}\b|(?<![\w.])#?\d[\d.,:-]*(?![\w])"
)
_CODE = re.compile(r"^([A-Z0-9_]{2,40}|\d{3}): +(.+)$")

_NAMES = {"netsuite": "NetSuite", "sap": "SAP", "wms": "WMS", "rabbitmq": "RabbitMQ", "erp": "ERP"}


class CauseNote(msgspec.Struct, frozen=True, array_like=True):
    """A cause; `id` is a fingerprint of flow, step, class and the error without its particulars."""

    id: str
    title: str
    kind: str
    flow: str
    step: str
    system: str
    owner: str
    action: str


def failure_cause(flow: Flow, step: Step, trouble: Trouble, *, is_dead: bool) -> CauseNote:
    """Name the cause of a failed attempt."""
    return _failure_cause(flow, step, trouble.system, trouble.error, is_dead)


@lru_cache(maxsize=20_000)
def _failure_cause(flow: Flow, step: Step, system: str, error: str, is_dead: bool) -> CauseNote:
    pattern = without_particulars(error)
    kind = "dead-lettered" if is_dead else "failed"
    identity = fingerprint("failed", flow.name, step.name, system, pattern).hex[:16]
    title = _title(step, pattern)
    return CauseNote(identity, title, kind, flow.name, step.name, system, step.owner, step.action)


@lru_cache(maxsize=1_000)
def overdue_cause(flow: Flow, milestone: Milestone) -> CauseNote:
    """Name the cause of mere silence."""
    identity = fingerprint("overdue", flow.name, milestone.name).hex[:16]
    title = milestone.late or f"Not {milestone.label.lower()} {_deadline(milestone)}"
    return CauseNote(identity, title, "overdue", flow.name, milestone.name, "", milestone.owner, milestone.action)


def without_particulars(error: str) -> str:
    """Blank out what differs between orders, so that one fault is one group."""
    code = _CODE.match(error)
    head, rest = (f"{code[1]}: ", code[2]) if code else ("", error)
    return head + " ".join(_PARTICULAR.sub("…", rest).split())


def system_name(system: str) -> str:
    """A system's name as people write it."""
    return _NAMES.get(system.lower(), system[:1].upper() + system[1:].replace("-", " "))


def _title(step: Step, pattern: str) -> str:
    code = _CODE.match(pattern)
    what = code[2] if code else pattern
    doing = step.say[:1].upper() + step.say[1:]
    return f"{doing}: {what}" if what else f"{doing}: failed without a reason"


def _deadline(milestone: Milestone) -> str:
    if milestone.by_promise:
        return f"{_short(milestone.less)} before the promise" if milestone.less else "by the promise"
    within = milestone.within
    if within is None:
        return "in time"
    return f"within {_short(within.length)}{' of business time' if within.is_business else ''}"


def _short(length: timedelta) -> str:
    hours, minutes = divmod(int(length.total_seconds() // 60), 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} m" if minutes else "") if part)
