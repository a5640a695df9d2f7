"""The document of a mapping as it is written: its fields and their kinds (pure)."""

import re
from datetime import UTC, datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from collectors.receivers.expressions import is_expression
from collectors.receivers.terms import ISO, UNIX, Scalar

NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _unfold(value: object) -> object:
    if isinstance(value, list):
        raise ValueError("is a list: write one value, or an expression that gives a list")
    return value if isinstance(value, dict) else {"value": value}


def _expression(value: object) -> object:
    if not is_expression(value):
        raise ValueError("must be an expression that gives a list: begin it with =")
    return value


ListExpression = Annotated[str, BeforeValidator(_expression)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, protected_namespaces=())


class TermFile(_Model):
    """A value, a table that translates it, and what to take where there is none."""

    value: Scalar
    table: dict[str, Scalar] | None = Field(None, alias="map")
    default: Scalar = None


class TimeFile(TermFile):
    """A time, the form that it has, and its zone."""

    format: str = ISO
    zone: str | None = None

    @field_validator("format")
    @classmethod
    def _is_a_form(cls, form: str) -> str:
        if form != ISO and form not in UNIX and "%" not in form:
            raise ValueError(f"{form!r} is no form of times: write iso, unix, unix_ms, or a pattern such as %d.%m.%Y")
        if "%" in form:
            datetime.strptime(datetime(2000, 1, 1, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007 - only tried
        return form

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str | None) -> str | None:
        try:
            return zone and ZoneInfo(zone).key
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{zone!r} is no zone: write one such as Europe/Berlin") from None


AnyTerm = Annotated[TermFile, BeforeValidator(_unfold)]
AnyTime = Annotated[TimeFile, BeforeValidator(_unfold)]


class AmountFile(_Model):
    """An amount: `value` is a decimal, `minor` a whole number of cents."""

    currency: AnyTerm
    value: AnyTerm | None = None
    minor: AnyTerm | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.value is None) == (self.minor is None):
            raise ValueError("say exactly one of value and minor")
        return self


class LinesFile(_Model):
    """Order lines."""

    each: ListExpression
    sku: AnyTerm
    quantity: AnyTerm
    unit_price: AnyTerm | None = None


class EventFile(_Model):
    """The fields of the native event."""

    step: AnyTerm
    id: AnyTerm | None = None
    source: AnyTerm | None = None
    subject: AnyTerm | None = None
    time: AnyTime | None = None
    keys: dict[str, AnyTerm] = {}
    channel: AnyTerm | None = None
    system: AnyTerm | None = None
    connector: AnyTerm | None = None
    outcome: AnyTerm | None = None
    error: AnyTerm | None = None
    attempt: AnyTerm | None = None
    duration_ms: AnyTerm | None = None
    amount: AmountFile | None = None
    promised_at: AnyTime | None = None
    lines: LinesFile | None = None
    attributes: dict[str, AnyTerm] = {}


class MatchFile(_Model):
    """Patterns, in which * stands for anything."""

    type: str | None = None
    source: str | None = None
    door: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say type, source or door, or leave match out and send to /v1/map/ and the name")
        return self


class MappingFile(_Model):
    """A mapping as it is written."""

    mapping: str = Field(max_length=80)
    match: MatchFile | None = None
    each: ListExpression | None = None
    event: EventFile

    @field_validator("mapping")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name: write lower-case words joined by hyphens, such as wms-shipments")
        return name
