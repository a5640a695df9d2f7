"""What holds for every request: its id, the security headers, which pages may ask for changes, how large a body is."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Senders come with a token or a signature, never with a cookie.
SENDER_PATHS = ("/v1/", "/hooks/")
REQUEST_ID = re.compile(r"^[\w.:-]{1,64}$")

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
STRICT_TRANSPORT = "max-age=31536000"


class RequestMarks:
    """Names the request, in the log and in the answer, and adds the security headers."""

    def __init__(self, app: ASGIApp, is_secure: bool = False) -> None:
        self.app = app
        self.headers = {**SECURITY_HEADERS, **({"Strict-Transport-Security": STRICT_TRANSPORT} if is_secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if REQUEST_ID.match(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_marked)


class SameOrigin:
    """Refuses changes that another site's page asks a signed-in browser for."""

    def __init__(self, app: ASGIApp, public_url: str = "") -> None:
        self.app = app
        self.public_host = urlsplit(public_url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_guarded(scope) and not self._is_ours(Headers(scope=scope)):
            refusal = {"error": "This request came from another site", "hint": "Open the page itself and try again"}
            await JSONResponse(refusal, 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            # The browser's own word; a page that sends no referrer has "null" for its origin.
            return site in ("same-origin", "none")
        hosts = {headers.get("host", "").lower(), self.public_host}
        return origin is None or urlsplit(origin).netloc.lower() in hosts - {""}


class BodyLimit:
    """Refuses bodies over the limit, by what they announce or, when they announce nothing, by what arrives.

    The refusal meets whoever reads the body, so that each door says it in the language of its senders.
    """

    def __init__(self, app: ASGIApp, most: int, elsewhere: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.most = most
        self.elsewhere = elsewhere or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.elsewhere.get(scope["path"], self.most)
        announced = Headers(scope=scope).get("content-length", "")
        arrived = int(announced) if announced.isdecimal() and int(announced) > most else 0

        async def receive_counted() -> Message:
            nonlocal arrived
            if arrived <= most:
                message = await receive()
                arrived += len(message.get("body", b""))
                if arrived <= most:
                    return message
            raise HTTPException(413, f"The body is over the limit of {most:,} bytes")

        await self.app(scope, receive_counted, send)


def is_guarded(scope: Scope) -> bool:
    """Say whether a request could ride on a browser's cookie."""
    has_token = Headers(scope=scope).get("authorization", "").lower().startswith("bearer ")
    return scope["method"] not in SAFE_METHODS and not scope["path"].startswith(SENDER_PATHS) and not has_token
