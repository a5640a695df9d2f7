"""Content types, encodings and sizes are settled before anything is parsed."""

import gzip

import pytest

from app.core.errors import PayloadError, TooLargeError, UnsupportedMediaError
from collectors.receivers.access import mode_of, unpack
from collectors.receivers.cloudevents_normalise import Mode

KINDS = [
    ({"content-type": "application/cloudevents+json"}, Mode.STRUCTURED),
    ({"content-type": "Application/CloudEvents+JSON; charset=UTF-8"}, Mode.STRUCTURED),
    ({"content-type": "application/cloudevents"}, Mode.STRUCTURED),
    ({"content-type": "application/cloudevents-batch+json"}, Mode.BATCHED),
    ({"content-type": "application/x-ndjson"}, Mode.LINES),
    ({"content-type": "application/cloudevents+x-ndjson"}, Mode.LINES),
    ({"content-type": "application/json", "ce-specversion": "1.0"}, Mode.BINARY),
    ({"ce-specversion": "1.0"}, Mode.BINARY),
]


@pytest.mark.parametrize(("headers", "mode"), KINDS)
def test_headers_tell_the_form(headers: dict[str, str], mode: Mode) -> None:
    assert mode_of(headers) is mode


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "application/json",
        "text/csv",
        "application/cloudevents+avro",
        "application/cloudevents-batch+xml",
        "application/cloudevents+json; charset=latin1",
    ],
)
def test_other_kinds_are_refused_with_what_is_taken(kind: str) -> None:
    with pytest.raises(UnsupportedMediaError) as refused:
        mode_of({"content-type": kind} if kind else {})
    assert "application/cloudevents-batch+json" in refused.value.hint


def test_gzip_is_undone() -> None:
    assert unpack(gzip.compress(b"a" * 100, mtime=0) + gzip.compress(b"b", mtime=0), "GZIP", 101) == b"a" * 100 + b"b"
    assert unpack(b"plain", "identity", 5) == b"plain"


def test_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, mtime=0)
    with pytest.raises(TooLargeError, match="over 1,000 bytes"):
        unpack(bomb, "gzip", 1_000)
    with pytest.raises(TooLargeError):
        unpack(b"x" * 11, "", 10)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no gzip",
        gzip.compress(b"abc", mtime=0)[:-3],
        gzip.compress(b"abc", mtime=0) + b"rest",
        gzip.compress(b"", mtime=0) * 101,
    ],
)
def test_broken_gzip_is_said(body: bytes) -> None:
    with pytest.raises(PayloadError, match="broken gzip"):
        unpack(body, "gzip", 1_000)


def test_other_encodings_are_refused() -> None:
    with pytest.raises(UnsupportedMediaError, match="'br'"):
        unpack(b"", "br", 10)
