"""What the doors take: content types, encodings and sizes, before anything is parsed."""

import zlib
from collections.abc import Callable, Mapping
from io import BytesIO

from app.core.errors import PayloadError, TooLargeError, UnsupportedMediaError
from collectors.receivers.cloudevents_normalise import Mode
from collectors.receivers.turns import LARGE_BYTES

_LINES = frozenset(
    f"application/{kind}"
    for kind in ("x-ndjson", "ndjson", "jsonl", "x-jsonlines", "cloudevents+x-ndjson", "cloudevents+ndjson")
)
_TAKEN = (
    "Send application/cloudevents-batch+json, application/cloudevents+json, application/x-ndjson, "
    "or application/json with ce- headers; in UTF-8, plain or gzip."
)
_GZIP = 31
_MEMBERS = 100
_PIECE = 1024 * 1024
_AGAIN = "Compress again, or send the body plain."


def mode_of(headers: Mapping[str, str]) -> Mode:
    """Tell from the headers how events lie in the body; UnsupportedMediaError lists what is taken."""
    kind, _, parameters = headers.get("content-type", "").lower().partition(";")
    kind = kind.strip()
    if "charset" in parameters and "utf-8" not in parameters:
        raise UnsupportedMediaError("only UTF-8 is taken", _TAKEN)
    if kind in _LINES:
        return Mode.LINES
    # The prefix of batches begins with the prefix of single events, so it goes first.
    for prefix, mode in (
        ("application/cloudevents-batch", Mode.BATCHED),
        ("application/cloudevents", Mode.STRUCTURED),
    ):
        if kind.startswith(prefix):
            return _json_only(kind, kind.removeprefix(prefix), mode)
    if "ce-specversion" in headers:
        return Mode.BINARY
    raise UnsupportedMediaError(f"content type {kind or 'missing'!r:.80} is not taken here", _TAKEN)


def unpack(body: bytes, encoding: str, limit: int, before_large: Callable[[], None] = lambda: None) -> bytes:
    """Undo the content encoding, never beyond `limit` bytes; `before_large` is told when there will be many."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        if len(body) > limit:
            raise _too_large(limit)
        return body
    if encoding in ("gzip", "x-gzip"):
        return _gunzip(body, limit, before_large)
    raise UnsupportedMediaError(f"content encoding {encoding!r:.40} is not taken", "Send the body plain or gzip.")


def _json_only(kind: str, suffix: str, mode: Mode) -> Mode:
    if suffix not in ("", "+json"):
        raise UnsupportedMediaError(f"format {kind!r:.80} is not taken", _TAKEN)
    return mode


def _gunzip(body: bytes, limit: int, before_large: Callable[[], None]) -> bytes:
    # A buffer that gives its bytes away: a copy would need the room twice.
    plain = BytesIO()
    # A gzip stream may be several, one after another; nobody needs hundreds.
    for _ in range(_MEMBERS):
        inflater = zlib.decompressobj(_GZIP)
        while body and not inflater.eof:
            plain.write(_inflate(inflater, body, min(_PIECE, limit + 1 - plain.tell())))
            if plain.tell() > limit:
                raise _too_large(limit)
            if plain.tell() + _PIECE > LARGE_BYTES:
                before_large()
            body = inflater.unconsumed_tail
        if not inflater.eof:
            raise PayloadError("broken gzip: it ends too early", _AGAIN)
        body = inflater.unused_data
        if not body:
            return plain.getvalue()
    raise PayloadError(f"broken gzip: more than {_MEMBERS} streams in one body", _AGAIN)


def _inflate(inflater: "zlib._Decompress", body: bytes, room: int) -> bytes:
    try:
        return inflater.decompress(body, room)
    except zlib.error as error:
        raise PayloadError(f"broken gzip: {error}", _AGAIN) from None


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the body is over {limit:,} bytes", "Send smaller batches.")
