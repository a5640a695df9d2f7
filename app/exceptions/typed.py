"""The filter as it is typed: taking a field out of it, putting one in, and examples that teach it (pure)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from app.exceptions.bands import Band
from app.exceptions.filters import ExceptionFilter
from app.exceptions.queries import ExceptionGroup

_TERM = r'(?:^|(?<=\s)){field}:(?:"[^"]*"|\S+)'
MOST_SUGGESTIONS = 3


def without(q: str, field: str) -> str:
    """Take every term of a field out of a filter."""
    return " ".join(re.sub(_TERM.format(field=re.escape(field)), "", q).split())


def with_term(q: str, term: str) -> str:
    """Put a term in, in place of those of its field."""
    return f"{without(q, term.partition(':')[0])} {term}".strip()


def any_age(wanted: ExceptionFilter) -> ExceptionFilter:
    """Widen a filter to every age, so that the bands can be compared."""
    limits = tuple(limit for limit in wanted.terms.limits if limit.name != "age")
    return replace(wanted, terms=replace(wanted.terms, limits=limits))


def of_cause(wanted: ExceptionFilter, cause: str) -> ExceptionFilter:
    """Narrow a filter to one cause."""
    return replace(wanted, terms=replace(wanted.terms, values={**wanted.terms.values, "cause": (cause,)}))


def band_filter(q: str, band: Band) -> tuple[str | None, bool]:
    """Give the filter that a band leads to, and whether it holds already: then it leads back."""
    is_current = band.filter in q.split()
    return (without(q, "age") if is_current else with_term(q, band.filter)) or None, is_current


def suggest(q: str, groups: Sequence[ExceptionGroup]) -> list[tuple[str, str, str]]:
    """Suggest terms that are not used yet: field, value, and the filter with them."""
    channels = sorted({channel for group in groups for channel in group.channels if channel})
    terms = [*(("channel", channel) for channel in channels[:1]), ("age", ">4h"), ("owner", "none"), ("kind", "failed")]
    fresh = [(field, value) for field, value in terms if without(q, field) == " ".join(q.split())]
    return [(field, value, with_term(q, f"{field}:{value}")) for field, value in fresh[:MOST_SUGGESTIONS]]
