"""Hostile bytes for the tests of receivers: what is done to good bodies, and how long it is done."""

import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

logger = logging.getLogger(__name__)

# By hand, for as long as one likes: PHAROS_FUZZ_SECONDS=600, which the properties share.
SECONDS = float(os.environ.get("PHAROS_FUZZ_SECONDS", "0"))
PROPERTIES = 7
EXAMPLES_AT_ONCE = 1_200

# What tends to break readers: long lengths, other wire types, half a character, brackets, numbers out of range.
NASTY = (b"\xff" * 10, b"\x0a", b"\x80\x80\x80\x80\x10", b"\0", b"\xc3", b"\xed\xa0\x80", b'"', b"\\", b"{", b"[",
         b"]}", b",", b"null", b"true", b"NaN", b"-", b"1e999", b"-0.0", b"9" * 30, b"9" * 5_000, b"1e-400", b"\\u0000",
         b"\\ud800", b"\\udc00\\ud800", b"retail.", b"\r\n", b"\n", b"\xef\xbb\xbf", b"[" * 70, b"]" * 70,
         b'{"a":' * 1_100, b'"id":"x",', b'"data":null,', b'"key":"retail.order.id",')  # fmt: skip
TIMES = ("9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+23:59", "2026-02-30T00:00:00Z")
VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**63, 2**64, 10**40, -(10**300), 0.5, 1e308, "", " ", "\0", "\ud83d", "\U0001f600", *TIMES),
    *("x" * 3_000, [], {}, [[[[]]]], {"": {"": []}}, ["a", None, 1.5], {"stringValue": 5}, {"intValue": "-" * 9}),
)

pieces = st.sampled_from(NASTY) | st.binary(max_size=12)
cuts = st.tuples(st.integers(0, 6_000), st.integers(0, 40), pieces)
flips = st.tuples(st.integers(0, 6_000), st.integers(0, 7))
places = st.lists(st.integers(0, 30), min_size=1, max_size=8)


@st.composite
def mutated(draw: st.DrawFn, body: bytes) -> bytes:
    """A body with bytes cut out, put in, flipped, doubled, or cut off at the end."""
    for place, gone, piece in draw(st.lists(cuts, max_size=4)):
        start = place % (len(body) + 1)
        body = body[:start] + piece + body[start + gone :]
    changed = bytearray(body)
    for place, bit in draw(st.lists(flips, max_size=4)) if changed else ():
        changed[place % len(changed)] ^= 1 << bit
    start, length = draw(st.integers(0, 6_000)), draw(st.integers(0, 200))
    changed[start:start] = changed[start : start + length]
    return bytes(changed[: draw(st.none() | st.integers(0, 6_000))])


@st.composite
def misshapen(draw: st.DrawFn, document: Any) -> bytes:
    """A document, well-formed still, with one value replaced by another that nobody expects, or a key doubled."""
    found = replaced(document, draw(places), draw(st.sampled_from(VALUES)))
    written = json.dumps(found, ensure_ascii=draw(st.booleans())).encode(errors="replace")
    if draw(st.booleans()) and written[:1] == b"{" and len(written) > 2:
        written = written[:-1] + b"," + written[1:]
    return written


def replaced(document: Any, path: list[int], value: Any) -> Any:
    """Replace what lies at the end of a path of turnings."""
    if not path or not document or not isinstance(document, dict | list):
        return value
    turning, rest = path[0] % len(document), path[1:]
    if isinstance(document, dict):
        name = list(document)[turning]
        return {**document, name: replaced(document[name], rest, value)}
    return [replaced(one, rest, value) if place == turning else one for place, one in enumerate(document)]


def is_json(body: bytes) -> bool:
    """Say whether a batch stays a batch with this in it."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True


def hold(check: Callable[..., None], given_by: Mapping[str, st.SearchStrategy[Any]]) -> int:
    """Run a check on chance examples, the same ones each time unless more is asked for; returns how many there were."""
    count = 0

    def counted(**drawn: Any) -> None:
        nonlocal count
        count += 1
        check(**drawn)

    def run(number: int) -> None:
        quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
        chosen = settings(max_examples=EXAMPLES_AT_ONCE, deadline=None, database=None, suppress_health_check=quiet)
        chosen(seed(number)(given(**given_by)(counted)))()

    began, number = time.monotonic(), 7
    run(number)
    while time.monotonic() - began < SECONDS / PROPERTIES:
        number += 1
        run(number + time.time_ns() % 1_000_000_007)
    logger.info("%d examples", count)
    return count
