"""Keys under the namespaces that they belong to, and how many attempts there had been."""

import pytest

from app.core.errors import PayloadError
from collectors.receivers.otlp_attributes import as_namespace, read_attempt, read_keys
from collectors.receivers.otlp_told import tell


def test_keys_of_all_kinds_lie_under_their_namespaces() -> None:
    own = {"retail.order.id": "A", "retail.order.ids": ["B", 7], "retail.key.pos.receipt": "R", "order.id": "no"}
    told = tell("retail", [[own]], {}, {"service.name": "WMS 2", "retail.order.internal_id": 5})
    assert read_keys(told) == {"order": ["A", "B", 7], "wms-2.order": [5], "pos.receipt": ["R"]}


@pytest.mark.parametrize(
    ("attributes", "attempt"),
    [({}, None), ({"http.request.resend_count": 0}, 1), ({"retail.attempt": 0}, 0),
     ({"messaging.servicebus.message.delivery_count": 3}, 3)],
)  # fmt: skip
def test_attempts_count_from_one(attributes: dict[str, int], attempt: int | None) -> None:
    assert read_attempt(tell("retail", [[attributes]], {}, {})) == attempt


@pytest.mark.parametrize("value", [-1, 10**9, True, "2", 1.5])
def test_what_is_no_count_is_refused(value: int | str | float) -> None:
    with pytest.raises(PayloadError, match=r"retail\.attempt .* is not a number of attempts"):
        read_attempt(tell("retail", [[{"retail.attempt": value}]], {}, {}))


@pytest.mark.parametrize(
    ("service", "word"),
    [("netsuite", "netsuite"), ("NetSuite EU/2", "netsuite-eu-2"), ("3pl", "service-3pl"), ("…", "service"),
     ("order_service", "order_service")],
)  # fmt: skip
def test_service_is_the_first_word_of_a_namespace(service: str, word: str) -> None:
    assert as_namespace(service) == word
