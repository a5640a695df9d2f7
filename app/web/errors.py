"""Errors become an error page for people and JSON for programs, in one place."""

import logging
from urllib.parse import urlencode

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, TimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.core.clock import utc_now
from app.core.database import is_passing
from app.core.errors import PharosError, UnauthenticatedError, UnavailableError, come_again
from app.web.forms import see_other
from app.web.frame import bare_frame
from app.web.middleware import SECURITY_HEADERS
from app.web.templating import page

logger = logging.getLogger(__name__)

PROGRAM_PATHS = ("/v1/", "/api/", "/hooks/", "/live", "/healthz", "/readyz", "/openapi.json")
HEADINGS = {
    400: "That cannot be understood",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    409: "Somebody was faster",
    413: "Too large",
    422: "Something is missing",
    429: "Slow down",
    503: "Not available now",
}
HINTS = {404: "Check the address, or search for what you need", 413: "Send it in smaller parts"}


def add_error_handlers(app: FastAPI) -> None:
    """Register one handler for each family of errors."""
    app.add_exception_handler(PharosError, _on_known)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    # COPY speaks to the driver itself, so its errors come as they are.
    for family in (DBAPIError, TimeoutError, psycopg.Error):
        app.add_exception_handler(family, _on_database)
    app.add_exception_handler(DataError, _on_unstorable)
    app.add_exception_handler(Exception, _on_unknown)


def _on_known(request: Request, error: Exception) -> Response:
    assert isinstance(error, PharosError)
    headers = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, UnavailableError) else {}
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = 'Bearer realm="pharos"'
    return answer(request, error.status, error.message, error.hint, headers)


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer(
        request, error.status_code, str(error.detail), HINTS.get(error.status_code, ""), dict(error.headers or {})
    )


def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [f"{'.'.join(str(part) for part in fault['loc'][1:])}: {fault['msg']}" for fault in error.errors()]
    return answer(request, 422, "; ".join(faults), "", {})


def _on_database(request: Request, error: Exception) -> Response:
    if not is_database_trouble(error):
        raise error
    logger.error("database not available", extra={"path": request.url.path, "error": type(error).__name__})
    headers = {"Retry-After": str(come_again())}
    return answer(request, 503, "The database does not answer", "Try again in a few seconds", headers)


def _on_unstorable(request: Request, _error: Exception) -> Response:
    """A NUL character or a number beyond all bounds: the database knows no such value."""
    return answer(request, 400, "A value in this cannot exist in the database", "Leave out what was pasted with it", {})


def _on_unknown(request: Request, error: Exception) -> Response:
    request_id = getattr(request.state, "request_id", "unknown")
    logger.error("request failed", exc_info=error, extra={"path": request.url.path, "request_id": request_id})
    # This answer is made outside the middleware, so it brings the headers that others are given.
    headers = {**SECURITY_HEADERS, "X-Request-ID": request_id}
    return answer(request, 500, "Something broke on our side", f"The log has it under {request_id}", headers)


def is_database_trouble(error: Exception) -> bool:
    """Say whether who asked can only try again: the server is in trouble, with others or with itself."""
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlstate", None) or ""
    return is_passing(error) or isinstance(error, OperationalError) or code.startswith("XX")


def answer(request: Request, status: int, message: str, hint: str, headers: dict[str, str]) -> Response:
    """Say it in the asker's language: JSON, a page, or the way to the sign-in page."""
    if wants_json(request):
        return JSONResponse({"error": message, "hint": hint}, status, headers)
    if status == 401 and request.method == "GET" and "hx-request" not in request.headers:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return see_other("/sign-in?" + urlencode({"next": back}))
    heading = HEADINGS.get(status, "Something broke" if status >= 500 else "That did not work")
    frame = bare_frame(request, utc_now()).titled(heading)
    said = {"status": status, "heading": heading, "message": message, "hint": hint}
    shown = page(request, "errors/error.html", frame, status_code=status, **said)
    shown.headers.update(headers)
    if "hx-request" in request.headers:
        # A region keeps what it shows, and its age tells; who is signed out is sent to sign in.
        shown.headers["HX-Refresh" if status == 401 else "HX-Reswap"] = "true" if status == 401 else "none"
    return shown


def wants_json(request: Request) -> bool:
    """Tell programs from people, by the door they came through, then by what they accept."""
    if request.url.path.startswith(PROGRAM_PATHS) or request.url.path == "/metrics":
        return True
    accepted = request.headers.get("accept", "*/*")
    return "application/json" in accepted and "text/html" not in accepted
