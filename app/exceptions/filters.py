"""The text filter of the work-queue: `channel:amazon-uk status:open age:>4h value:>100` (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.core.errors import PayloadError
from app.core.terms import Field, Terms, read_terms

STATUSES = ("open", "late", "due", "closed")
KINDS = ("failed", "overdue", "dead-lettered")

FIELDS: Mapping[str, Field] = {
    "channel": Field("text", "channel:amazon-uk or channel:amazon*"),
    "status": Field("text", "status:open", STATUSES),
    "age": Field("age", "age:>4h or age:15m..1h"),
    "value": Field("amount", "value:>100"),
    "cause": Field("text", "cause:1f0c"),
    "owner": Field("text", 'owner:warehouse, owner:"erp integration" or owner:none', is_folded=True),
    "step": Field("text", "step:erp.order.posted"),
    "system": Field("text", "system:netsuite"),
    "kind": Field("text", "kind:failed", KINDS),
    "flow": Field("text", "flow:return-to-refund"),
}


WHOLE_CAUSES = frozenset({"cause", "owner", "step", "system", "kind", "flow"})


@dataclass(frozen=True, slots=True)
class ExceptionFilter:
    """What is wanted of the work-queue; words without a field are looked for in the causes."""

    terms: Terms = field(default_factory=Terms)
    status: str = "open"

    @property
    def takes_whole_causes(self) -> bool:
        """Say whether all that is open of each cause is wanted, so that it can be held against what is usual of it."""
        return self.status == "open" and not self.terms.limits and self.terms.values.keys() <= WHOLE_CAUSES


def read_filter(text: str) -> ExceptionFilter:
    """Read the filter of the page or the API; an empty one asks for what is open."""
    terms = read_terms(text, FIELDS)
    statuses = terms.values.get("status", ("open",))
    if len(statuses) > 1:
        raise PayloadError("status: takes one value", "For example status:open")
    values = {name: value for name, value in terms.values.items() if name != "status"}
    if "owner" in values:
        values["owner"] = tuple("" if owner == "none" else owner for owner in values["owner"])
    return ExceptionFilter(replace(terms, values=values), statuses[0])
