"""The route of OTLP's doors: whatever goes wrong is answered as exporters expect it."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.core.errors import PharosError, UnauthenticatedError, UnavailableError, UnsupportedMediaError, come_again
from app.web.errors import is_database_trouble
from collectors.receivers.otlp_answers import write_error
from collectors.receivers.otlp_signals import Encoding

logger = logging.getLogger(__name__)

TAKEN = "Send application/x-protobuf or application/json, plain or gzip."
# Exporters drop their data on every status but these and 502 and 504.
RETRYABLE = frozenset({429, 503})


class OtlpRoute(APIRoute):
    """A route whose errors are a google.rpc.Status, and never a status that would make an exporter drop good data."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's own handler, sign-in and reading of the body included."""
        handle = super().get_route_handler()

        async def handle_otlp(request: Request) -> Response:
            try:
                return await handle(request)
            except PharosError as error:
                return _on_known(request, error)
            except HTTPException as error:
                return answer_error(request, error.status_code, str(error.detail), error.headers or {})
            except ClientDisconnect:
                return answer_error(request, 503, "The body ended too early")
            # This door must not let an error of ours become a 500, which would lose what the exporter holds.
            except Exception as error:
                if is_database_trouble(error):
                    problem = type(error).__name__
                    logger.error("database not available", extra={"path": request.url.path, "error": problem})
                    return answer_error(request, 503, "The database does not answer")
                logger.error("export failed", exc_info=error, extra={"path": request.url.path})
                return answer_error(request, 503, "Something broke on our side")

        return handle_otlp


def encoding_of(request: Request) -> Encoding:
    """Tell the encoding from the content type; UnsupportedMediaError says what is taken."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        return Encoding(kind)
    except ValueError:
        raise UnsupportedMediaError(f"content type {kind or 'missing'!r:.80} is not taken here", TAKEN) from None


def answer(content: bytes, encoding: Encoding, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Send a message in the encoding of the request."""
    return Response(content, status, headers, media_type=encoding.value)


def answer_error(request: Request, status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a status; what is not the sender's fault becomes one that is tried again."""
    try:
        encoding = encoding_of(request)
    except UnsupportedMediaError:
        encoding = Encoding.JSON
    if status >= 500 or status == 408:
        status = 503
    more = {"Retry-After": str(come_again())} if status in RETRYABLE else {}
    return answer(write_error(status, message, encoding), encoding, status, more | dict(headers or {}))


def _on_known(request: Request, error: PharosError) -> Response:
    headers = {}
    if isinstance(error, UnavailableError):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = 'Bearer realm="pharos"'
    return answer_error(request, error.status, ". ".join(filter(None, (error.message, error.hint))), headers)
