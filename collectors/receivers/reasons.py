"""Says in plain words why bytes could not be read, and what to send instead (pure)."""

import re

_PLACE = re.compile(r"^(?P<what>.*?) - at `(?P<place>key in )?\$\.?(?P<path>[^`]*)`$|^(?P<bare>.*)$", re.S)
_TIME = "write RFC 3339 with a zone, such as 2026-11-23T10:15:00Z"
_ADVICE = {
    "time": _TIME,
    "data": "send the native event profile as a JSON object",
    "data.keys": "send an object of namespace to text, number, or a list of them",
    "data.error": 'send text, or {"code": "…", "message": "…"}',
    "data.attempt": "send a whole number from 0",
    "data.duration_ms": "send milliseconds from 0",
    "data.amount": 'send {"value": "99.50", "currency": "USD"}',
    "data.promised_at": _TIME,
    "data.lines": 'send a list of {"sku": "A-1", "quantity": 2, "unit_price": "24.75"}',
    "data.attributes": "send an object",
}


def explain(error: Exception, size: int, wanted: str = "a CloudEvent") -> str:
    """Turn a decoder's complaint into a reason for the sender; `size` places what ended too early."""
    if isinstance(error, RecursionError):
        return "the body is nested too deeply: send it flatter"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start} of a text: send UTF-8"
    match = _PLACE.match(str(error))
    if match is None or match["bare"] is not None:
        return _broken(str(error), size, wanted)
    path = match["path"]
    what = match["what"].replace("`", "'")
    return f"{path or 'event'}: {what[:1].lower()}{what[1:]}{_advice(path)}"


def _broken(text: str, size: int, wanted: str) -> str:
    if "truncated" in text:
        return f"broken JSON: it ends too early, after {size:,} bytes"
    if text.startswith("Expected"):
        return f"not {wanted}: {text[:1].lower()}{text[1:].replace('`', chr(39))}"
    return f"broken JSON: {text.removeprefix('JSON is malformed: ')}"


def _advice(path: str) -> str:
    place = path.split("[")[0]
    while place:
        if place in _ADVICE:
            return f": {_ADVICE[place]}"
        place = place.rpartition(".")[0]
    return ""
