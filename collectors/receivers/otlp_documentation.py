"""What the API's reference says of OTLP's doors (pure)."""

from typing import Any

from collectors.receivers.otlp_signals import Encoding, Signal

_STATUS = {
    "type": "object",
    "title": "Status",
    "description": "google.rpc.Status",
    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
}
_ERRORS = {
    400: "Unreadable; what was sent is kept in quarantine",
    401: "No known token",
    403: "A token without the scope ingest",
    413: "Too large after decompression",
    415: "Another content type or encoding",
    429: "The inbox is full: send the same again after Retry-After",
    503: "Not now: send the same again after Retry-After",
}


def describe(signal: Signal) -> dict[str, Any]:
    """Describe body and answers of one door for OpenAPI."""
    groups, rejected = signal.json_path[0], _camel(signal.rejected)
    success = {"type": "object", "properties": {rejected: {"type": "string"}, "errorMessage": {"type": "string"}}}
    request = {"type": "object", "properties": {groups: {"type": "array", "items": {"type": "object"}}}}
    response = {"type": "object", "properties": {"partialSuccess": success}}
    answers = {code: {"description": text, "content": _content(_STATUS)} for code, text in _ERRORS.items()}
    taken = {"description": "Taken; partialSuccess counts what never can be", "content": _content(response)}
    return {
        "responses": {200: taken, **answers},
        "openapi_extra": {"requestBody": {"required": True, "content": _content(request)}},
    }


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        Encoding.JSON.value: {"schema": schema},
        Encoding.PROTOBUF.value: {"schema": {"type": "string", "format": "binary"}},
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)
