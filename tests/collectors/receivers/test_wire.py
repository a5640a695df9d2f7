"""Protobuf is walked part by part, and what is cut off or out of shape is told."""

import pytest

from app.core.errors import PayloadError
from collectors.receivers.wire import read_fields, write_field


def walk(body: bytes) -> list[tuple[int, bytes]]:
    return [(number, bytes(content)) for number, content in read_fields(memoryview(body))]


def test_fields_with_a_length_are_given_and_numbers_walked_past() -> None:
    body = write_field(1, b"a") + b"\x10\x96\x01" + b"\x19" + b"8" * 8 + b"\x25" + b"4" * 4 + write_field(2, b"")
    assert walk(body) == [(1, b"a"), (2, b""), (3, b""), (4, b""), (2, b"")]


def test_what_is_written_is_read_back() -> None:
    for size in (0, 1, 127, 128, 20_000, 3_000_000):
        assert walk(write_field(2, b"x" * size)) == [(2, b"x" * size)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\x0a\x05abc", "it ends too early, after 5 bytes"),
        (b"\x0a", "no number at byte 1"),
        (b"\xff" * 12, "no number at byte 0"),
        (b"\x19abc", "it ends too early, after 4 bytes"),
        (b"{broken", "wire type 3 at byte 1"),
    ],
)
def test_other_bytes_are_refused(body: bytes, reason: str) -> None:
    with pytest.raises(PayloadError, match=reason):
        walk(body)
