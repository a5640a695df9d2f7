"""The text filter of the order list: `channel:amazon-uk status:open age:>4h value:>100` (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.core.errors import PayloadError
from app.core.terms import Field, Terms, read_terms

STATUSES = ("open", "exception", "late", "completed", "cancelled")

FIELDS: Mapping[str, Field] = {
    "channel": Field("text", "channel:amazon-uk or channel:amazon*"),
    "status": Field("text", "status:open", STATUSES),
    "stage": Field("text", "stage:fulfilment.shipped"),
    "waiting": Field("text", "waiting:erp.order.posted"),
    "age": Field("age", "age:>4h or age:1d..3d"),
    "value": Field("amount", "value:>100"),
    "key": Field("text", "key:order:SO-1001"),
    "sku": Field("text", "sku:WB-CANDLE-SET-3"),
    "cause": Field("text", "cause:1f0c"),
    "owner": Field("text", 'owner:warehouse or owner:"erp integration"', is_folded=True),
    "step": Field("text", "step:erp.order.posted"),
}


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What is wanted of the order list; words without a field are identifiers."""

    terms: Terms = field(default_factory=Terms)
    status: str | None = None


def read_filter(text: str) -> OrderFilter:
    """Read the filter of the page or the API; an empty one asks for every order."""
    terms = read_terms(text, FIELDS)
    statuses: tuple[str | None, ...] = terms.values.get("status", (None,))
    if len(statuses) > 1:
        raise PayloadError("status: takes one value", "For example status:open")
    values = {name: value for name, value in terms.values.items() if name != "status"}
    return OrderFilter(replace(terms, values=values), statuses[0])
