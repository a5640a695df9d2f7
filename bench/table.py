"""The figures of a run as a Markdown table: what the design sets a limit for, and the pages that people open most."""

import json
from collections.abc import Iterator
from typing import Any

SHOWN = (
    "/tower",
    "/tower?at=",
    "/exceptions",
    "/orders",
    "/orders/{journey_id}",
    "/queues",
    "/connectors",
    "/alerts",
    "/search?q=<ERP number>",
)


def table(figures: dict[str, Any]) -> str:
    """Write the table."""
    lines = ["| what | figure |", "|---|---|", *(f"| {name} | {value} |" for name, value in _rows(figures))]
    return "\n".join([f"Machine: {json.dumps(figures['machine'])}", "", *lines])


def _rows(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "events", f"{figures['events']:,}"
    yield "HTTP to folded, events/s", f"{figures['intake_per_second']:,}"
    yield "COPY of the same rows, rows/s", f"{figures['copy_per_second']:,}"
    yield "**ratio**", f"**{figures['intake_to_copy']}**"
    yield "last tenth of the load ÷ first tenth, time", str(figures["last_to_first_tenth"])
    yield "accepted → on an open page, at half load", _ms(figures["accepted_to_visible_ms"])
    yield "accepted → rule evaluated, at half load", _ms(figures["accepted_to_rule_ms"])
    yield "500 different rules evaluated", f"{figures['rules_seconds']} s"
    pages: dict[str, dict[str, float]] = figures["pages_ms"]
    worst = max(pages, key=lambda name: pages[name]["p95"])
    yield f"slowest of {len(pages)} pages and fragments: `{worst}`", _ms(pages[worst])
    for name in SHOWN:
        yield f"`{name}`", _ms(pages[name])
    for when, roles in figures["memory_mib"].items():
        yield f"memory {when}", _memory(roles)


def _ms(taken: dict[str, float]) -> str:
    return f"p50 {taken['p50']} ms, p95 {taken['p95']} ms"


def _memory(roles: dict[str, dict[str, float]]) -> str:
    resident, shared = (sum(one[kind] for one in roles.values()) for kind in ("rss", "pss"))
    parts = ", ".join(f"{role} {one['rss']:.0f}" for role, one in roles.items())
    return f"{resident:.0f} MiB resident ({parts}); {shared:.0f} MiB with shared pages counted once"
