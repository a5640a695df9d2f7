"""Reads rules, from a YAML file or from their stored definitions, with errors that name line and field."""

import re
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from alerts.rules import Guard, Limit, Rule
from app.core.clock import parse_duration
from app.core.documents import read_document

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _number(value: object) -> object:
    """Read 5000, "20%" or "15m" (seconds)."""
    text = str(value).strip()
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        if text.endswith("%"):
            return Decimal(text[:-1]) / 100
        if text[-1:] in "smhd" and text:
            return Decimal(str(parse_duration(text).total_seconds()))
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(
            f"{value!r} is not a limit: write a number, a share such as 20%, or a time such as 15m"
        ) from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a limit: it has no end")
    return number


def _seconds(value: object) -> object:
    return parse_duration(str(value)).total_seconds()


def _seconds_or_never(value: object) -> object:
    return None if value == "never" else _seconds(value)


Number = Annotated[Decimal, BeforeValidator(_number)]
Seconds = Annotated[float, BeforeValidator(_seconds)]
SecondsOrNever = Annotated[float | None, BeforeValidator(_seconds_or_never)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class WhenFile(_Model):
    """The test of a rule: exactly one of above, below, never and absent."""

    above: Number | None = None
    below: Number | None = None
    never: Literal[True] | None = None
    absent: Number | None = None
    rising: bool = False

    @model_validator(mode="after")
    def _tests_one_thing(self) -> Self:
        if sum(getattr(self, name) is not None for name in ("above", "below", "never", "absent")) != 1:
            raise ValueError("say exactly one of above, below, never and absent")
        if self.rising and self.above is None:
            raise ValueError("rising goes with above")
        return self

    @property
    def limit(self) -> Limit:
        if self.never:
            return Limit("never")
        if self.absent is not None:
            return Limit("absent", self.absent)
        return Limit("above", self.above) if self.above is not None else Limit("below", self.below or Decimal(0))


class GuardFile(_Model):
    """A second metric, tested for the same labels."""

    metric: str
    above: Number | None = None
    below: Number | None = None
    never: Literal[True] | None = None

    @model_validator(mode="after")
    def _tests_one_thing(self) -> Self:
        if sum(getattr(self, name) is not None for name in ("above", "below", "never")) != 1:
            raise ValueError("say exactly one of above, below and never")
        return self

    @property
    def guard(self) -> Guard:
        when = WhenFile(above=self.above, below=self.below, never=self.never)
        return Guard(self.metric, when.limit)


class ClearFile(_Model):
    """When a firing alert is over: past this, for so long."""

    above: Number | None = None
    below: Number | None = None
    for_seconds: Seconds = Field(0.0, alias="for")

    @property
    def limit(self) -> Limit | None:
        if self.above is not None:
            return Limit("above", self.above)
        return Limit("below", self.below) if self.below is not None else None


class RuleFile(_Model):
    """One rule as it is written."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)
    title: str = Field(min_length=1, max_length=120)
    metric: str
    by: list[str] = []
    where: dict[str, str] = {}
    when: WhenFile
    also: GuardFile | None = Field(None, alias="and")
    enough: GuardFile | None = None
    for_seconds: Seconds = Field(0.0, alias="for")
    clear: ClearFile = ClearFile()
    stale_after: SecondsOrNever = 3600.0
    severity: Literal["act", "watch"]
    owner: str = Field(min_length=1)
    summary: str = Field(min_length=1, max_length=300)
    runbook: str = Field(min_length=1)

    @field_validator("clear")
    @classmethod
    def _clears_on_the_other_side(cls, clear: ClearFile, checked: ValidationInfo) -> ClearFile:
        when = checked.data.get("when")
        if when is not None and clear.limit is not None:
            _check_clear(when.limit, clear.limit)
        return clear

    @field_validator("summary")
    @classmethod
    def _names_what_is_known(cls, summary: str, checked: ValidationInfo) -> str:
        unknown = set(PLACEHOLDER.findall(summary)) - {"value", "limit", *checked.data.get("by", ())}
        if unknown:
            raise ValueError(f"{{{min(unknown)}}} is not known here: use {{value}}, {{limit}} or a name of `by`")
        return summary

    def rule(self) -> Rule:
        """Make the value that is evaluated."""
        return Rule(
            name=self.name,
            title=self.title,
            metric=self.metric,
            limit=self.when.limit,
            severity=self.severity,
            owner=self.owner,
            summary=self.summary,
            runbook=self.runbook,
            by=tuple(self.by),
            where=tuple(sorted(self.where.items())),
            rising=self.when.rising,
            also=self.also.guard if self.also else None,
            enough=self.enough.guard if self.enough else None,
            for_seconds=self.for_seconds,
            clear=self.clear.limit,
            clear_seconds=self.clear.for_seconds,
            stale_seconds=self.stale_after,
        )


def _check_clear(limit: Limit, clear: Limit) -> None:
    opposite = {"above": "below", "absent": "below", "below": "above"}.get(limit.test)
    if clear.test != opposite:
        raise ValueError("name the opposite of `when`: below for above, above for below")
    if (clear.value > limit.value) if clear.test == "below" else (clear.value < limit.value):
        raise ValueError("lies beyond the limit of `when`, so that the rule would fire and clear at once")


class RulesFile(_Model):
    """A file of rules."""

    rules: list[RuleFile]

    @model_validator(mode="after")
    def _names_are_one(self) -> Self:
        twice = [name for name, count in Counter(rule.name for rule in self.rules).items() if count > 1]
        if twice:
            raise ValueError(f"rules: two rules are named {twice[0]!r}")
        return self


def read_rules(text: str, name: str = "rules.yaml") -> dict[str, dict[str, Any]]:
    """Check a file and return its definitions by name; DocumentError lists every problem."""
    read_document(text, RulesFile, name)
    return {rule["name"]: rule for rule in yaml.safe_load(text)["rules"]}


def rule_of(definition: dict[str, Any]) -> Rule:
    """Read a stored definition; pydantic's ValidationError, a ValueError, says what is wrong with it."""
    return RuleFile.model_validate(definition).rule()
