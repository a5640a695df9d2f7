"""What forms share: the answer after one was taken, and where to go next."""

from urllib.parse import urlsplit

from fastapi.responses import RedirectResponse


def see_other(url: str) -> RedirectResponse:
    """Send the browser on after a change, with a GET."""
    return RedirectResponse(url, status_code=303)


def local_path(url: str | None, otherwise: str = "/") -> str:
    """Keep a return address only when it stays on this host."""
    parts = urlsplit(url or "")
    is_local = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    if not url or not is_local or url.startswith("//") or "\\" in url or any(ord(mark) < 32 for mark in url):
        return otherwise
    return url
