"""What the API's reference says of errors: the shape they all have, and which statuses a door answers with."""

from typing import Any

from pydantic import BaseModel

Answers = dict[int | str, dict[str, Any]]


class ErrorAnswer(BaseModel):
    """What is wrong, and what to do about it."""

    error: str
    hint: str


_WORDS = {
    400: "What was asked or sent cannot be understood",
    401: "No known token",
    403: "A token without the scope that this takes",
    404: "There is nothing of that name",
    413: "Too large, or too much at once: send smaller batches",
    415: "A content type or encoding that is not taken here",
    422: "A parameter is missing or out of range",
    429: "The inbox is full: send the same again after Retry-After",
    503: "Not now: ask again after Retry-After",
}


def errors_of(*statuses: int) -> Answers:
    """Describe the errors of a door, beside those that every door has."""
    return {code: {"model": ErrorAnswer, "description": _WORDS[code]} for code in sorted({*statuses, 401, 403, 503})}


READ_ERRORS = errors_of(400, 404, 422)
