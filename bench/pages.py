"""How long pages, their fragments and search take, one request after another, as a browser on the same machine sees it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from bench.client import Answer, Client
from bench.lives import Order, sales_order
from bench.load import Load, numbers_of
from bench.tower import Tower

REQUESTS = 60
WARM_UP = 5
PAGES = ("/tower", "/exceptions", "/orders", "/queues", "/connectors", "/alerts")
API = (
    "/api/v1/metrics/revenue.at_risk",
    "/api/v1/exceptions/groups",
    "/api/v1/journeys",
)
_FRAGMENT = re.compile(r'hx-get="(/[\w/-]*/_[\w-]+[^"]*)"')
# Orders of every kind: mostly well, some failed, some late.
_SOME_ORDERS = """
SELECT id FROM (
    (SELECT id FROM journeys ORDER BY md5(id::text) LIMIT %(well)s) UNION ALL
    (SELECT DISTINCT journey_id FROM exceptions WHERE closed_at IS NULL AND opened_at < now() LIMIT %(troubled)s)
) AS some
"""


@dataclass(frozen=True, slots=True)
class Timing:
    """One address: milliseconds at the client, bytes on the wire, and its status when that was not the right one."""

    name: str
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    bytes: int = 0
    problem: str = ""


def measure_pages(tower: Tower, load: Load, requests: int = REQUESTS) -> list[Timing]:
    """Time every page, every fragment that pages fetch, the search, and some of the API."""
    client, timings = tower.person(), []
    for path in PAGES:
        timings += _with_fragments(client, path, requests)
    with tower.connect() as connection:
        wanted = {"well": requests - requests // 6, "troubled": requests // 6}
        orders = [f"/orders/{row[0]}" for row in connection.execute(_SOME_ORDERS, wanted)]
    timings.append(time_requests("/orders/{id}", lambda turn: client.get(orders[turn % len(orders)]), requests))
    timings += _search(client, load, requests)
    timings += [time_requests(path, _asking(client, path), requests) for path in API]
    client.close()
    return timings


def time_requests(name: str, ask: Callable[[int], Answer], requests: int) -> Timing:
    """Ask so often, after a warm-up that does not count."""
    answers = []
    for turn in range(WARM_UP + requests):
        answer = ask(turn)
        if answer.status != 200:
            return Timing(name, problem=f"answered {answer.status}")
        answers.append(answer)
    measured = answers[WARM_UP:]
    milliseconds = [answer.seconds * 1000 for answer in measured]
    size = sum(answer.length for answer in measured) // len(measured)
    return Timing(name, quantile(milliseconds, 0.5), quantile(milliseconds, 0.95), size)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all values do not exceed."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def fragments_of(page: Answer) -> list[str]:
    """The addresses that a page fetches its parts from when they change."""
    return sorted({found.replace("&amp;", "&") for found in _FRAGMENT.findall(page.text)})


def _with_fragments(client: Client, path: str, requests: int) -> list[Timing]:
    first = client.get(path)
    paths = [path, *(found for found in fragments_of(first) if found.startswith(f"{path}/"))]
    return [time_requests(one.partition("?")[0], _asking(client, one), requests) for one in paths]


def _asking(client: Client, path: str) -> Callable[[int], Answer]:
    return lambda _turn: client.get(path)


def _search(client: Client, load: Load, requests: int) -> list[Timing]:
    """By the ERP's number, of which only the search knows the order: to the redirect, and on to the order's page."""
    numbers = [sales_order(Order(load.prefix, number, 0.0, 0)) for number in _some_numbers(load, requests + WARM_UP)]

    def find(turn: int) -> Answer:
        answer = client.get(f"/search?q={numbers[turn % len(numbers)]}")
        is_found = answer.status == 303 and "/orders/" in answer.location
        return Answer(
            200 if is_found else answer.status, answer.body, answer.seconds, answer.location, 0, answer.length
        )

    def find_and_open(turn: int) -> Answer:
        found = find(turn)
        if found.status != 200 or not found.location:
            return found
        shown = client.get(found.location)
        return Answer(shown.status, shown.body, found.seconds + shown.seconds, "", 0, shown.length)

    return [
        time_requests("/search by ERP number", find, requests),
        time_requests("/search by ERP number → /orders/{id}", find_and_open, requests),
    ]


def _some_numbers(load: Load, count: int) -> list[int]:
    """Orders that were posted to the ERP, from all over the load."""
    last = numbers_of(max(0, load.ticks - 10)).start
    return [number for number in range(7, max(last, 8), max(1, last // (count * 2))) if number % 200 >= 4][:count]
