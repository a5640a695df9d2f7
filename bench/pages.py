"""Pages: how long every address that shows something takes, one after the other, while the worker is idle."""

import re
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from urllib.parse import urlencode

import httpx
from fastapi.routing import iter_route_contexts
from sqlalchemy import text

from app.core.clock import utc_now
from app.core.ids import event_uid
from app.main import create_app
from app.settings import Settings
from bench.estate import Tower
from bench.times import Times, times_of

REQUESTS = 30
WARM_UP = 3
LONGEST_SECONDS = 20  # for one address: a slow one is known to be slow after a few answers
# Streams, and what signs people in or out.
LEFT_OUT = {"/live", "/sign-in", "/sign-in/link/{token}", "/admin/mappings/{name}"}
ORDER = 7


def measure_pages(tower: Tower) -> dict[str, Times]:
    """Ask for each address many times over loopback, as an administrator."""
    values = _values(tower)
    with closing(tower.viewer()) as client:
        return {name: times_of(_ask(client, path)) for name, path in _addresses(tower, values)}


def _values(tower: Tower) -> dict[str, str]:
    """What the workload has for each parameter of a path."""
    with closing(tower.sender()) as sender:
        sender.post("/v1/events", content=b"[{}]")
    with tower.engine.connect() as connection:
        refusal = connection.execute(text("SELECT id, kind, sender, door FROM quarantine LIMIT 1")).one()
        cause = connection.execute(text("SELECT cause FROM exceptions WHERE due_at < now() LIMIT 1")).scalar()
        key = {"key": f"order:ORD-{ORDER:07d}"}
        journey = connection.execute(text("SELECT journey_id FROM journey_keys WHERE key = :key LIMIT 1"), key).scalar()
    return {
        "journey_id": str(journey),
        "event_uid": str(event_uid("/bench", f"bench-{ORDER}-0")),
        "cause": str(cause),
        "refusal_id": str(refusal.id),
        "group": urlencode({"kind": refusal.kind, "sender": refusal.sender, "door": refusal.door}),
        "namespace": "order",
        "value": f"ORD-{ORDER:07d}",
        "name": "orders.late",
    }


def _addresses(tower: Tower, values: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every address of the router, and some with a question."""
    for context in iter_route_contexts(create_app(Settings(), tower.engine).routes):
        route = context.path or ""
        if "GET" in (context.methods or ()) and route not in LEFT_OUT:
            path = re.sub(r"{(\w+)(?::\w+)?}", lambda found: values[found[1]], route)
            yield route, f"{path}?{values['group']}" if path.endswith("/group") else path
    past = (utc_now() - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%MZ")
    yield "/tower?at=", f"/tower?at={past}"
    yield "/orders/{journey_id}?at=", f"/orders/{values['journey_id']}?at={past}"
    yield "/exceptions?view=list", "/exceptions?view=list"
    yield "/orders?q=", f"/orders?{urlencode({'q': 'channel:amazon-uk status:open age:>4h'})}"
    yield "/search?q=<ERP number>", "/search?q=NET-0000009"


def _ask(client: httpx.Client, path: str) -> list[float]:
    taken: list[float] = []
    for number in range(REQUESTS + WARM_UP):
        if sum(taken) > LONGEST_SECONDS:
            break
        started = time.perf_counter()
        answer = client.get(path, follow_redirects=False)
        if number >= WARM_UP:
            taken.append(time.perf_counter() - started)
        if answer.status_code not in (200, 303):
            raise RuntimeError(f"{path} answered {answer.status_code}")
    return taken
