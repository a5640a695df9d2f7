"""The few typed errors of Pharos and the HTTP status each stands for."""

from random import randint

SOONEST_SECONDS, LATEST_SECONDS = 5, 15


class PharosError(Exception):
    """An error that we can explain: `message` says what is wrong, `hint` what to do."""

    status = 500

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFoundError(PharosError):
    """What was asked for does not exist."""

    status = 404


class UnauthenticatedError(PharosError):
    """Nobody, or nobody we know, is asking."""

    status = 401


class ForbiddenError(PharosError):
    """Known, but not allowed."""

    status = 403


class ConflictError(PharosError):
    """The state has moved on."""

    status = 409


class PayloadError(PharosError):
    """What was sent cannot be understood."""

    status = 400


class TooLargeError(PharosError):
    """What was sent is over a limit."""

    status = 413


class UnsupportedMediaError(PharosError):
    """What was sent is of a kind that this door does not take."""

    status = 415


class UnavailableError(PharosError):
    """Not now: `retry_after_seconds` tells when to come again; `permanent` that there is no point."""

    status = 503

    def __init__(self, message: str, hint: str = "", *, retry_after_seconds: int = 5, permanent: bool = False) -> None:
        super().__init__(message, hint)
        self.retry_after_seconds = retry_after_seconds
        self.permanent = permanent


def come_again() -> int:
    """Choose a Retry-After: senders who are refused in the same second must not all come back in the same one."""
    return randint(SOONEST_SECONDS, LATEST_SECONDS)


class BackPressureError(UnavailableError):
    """The inbox is full: slow down."""

    status = 429
