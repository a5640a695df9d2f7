"""The two answers that a template gives: a page and a fragment."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from app.web.frame import Frame
from app.web.rendering import render


def page(request: Request, template: str, frame: Frame, /, *, status_code: int = 200, **context: Any) -> HTMLResponse:
    """Answer with a whole page; `status_code` is 422 for a form that comes back."""
    content = render(template, frame.locale, {"request": request, "frame": frame, **context})
    return HTMLResponse(content, status_code, headers={"Cache-Control": "private, no-cache"})


def fragment(request: Request, template: str, frame: Frame, /, **context: Any) -> HTMLResponse:
    """Answer with one region of a page."""
    return page(request, template, frame, **context)
