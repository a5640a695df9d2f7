"""Reasons that one change would mend are of one kind, whatever values stand in them."""

import pytest

from app.events.reasons import kind_of


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("unknown step 'com.x.v2': no mapping takes it", "unknown step 'com.x.v2'"),
        (
            "unknown outcome 'fine' (did you mean 'failed'?): use one of ok",
            "unknown outcome 'fine' (did you mean 'failed'?)",
        ),
        ("mapping 'wms', line 12, event.keys: =data.no gives a list", "mapping 'wms', line 12, event.keys"),
        ("data.amount is negative (-1): send it positive", "data.amount is negative …"),
        (
            "data.lines[3].quantity 2.5 is not a whole number: send pieces",
            "data.lines[…].quantity … is not a whole number",
        ),
        ("time 1970-01-01T00:00:00+00:00 is too old: check the clock", "time … is too old"),
        ("data.amount 'abc' is not a decimal number: write it as '99.50'", "data.amount … is not a decimal number"),
        ("data.amount.value: expected object, got str: send {}", "data.amount.value: expected object, got str"),
        ("broken JSON: it ends too early, after 12 bytes", "broken JSON"),
        ("the pipeline could not work it: RuntimeError", "the pipeline could not work it"),
        ("x " * 500, ("x " * 500)[:200]),
    ],
)
def test_kind_leaves_out_what_is_the_messages_own(reason: str, kind: str) -> None:
    assert kind_of(reason) == kind
