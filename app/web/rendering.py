"""The Jinja environment: fills templates, for pages and for messages alike."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.web.assets import static_root, static_url
from app.web.filters import FILTERS, reader_locale
from app.web.navigation import areas_for

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


@lru_cache
def environment() -> Environment:
    """Build the environment once; an undefined variable is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.filters.update(FILTERS)
    made.globals.update(static_root=static_root(), static_url=static_url, areas_for=areas_for)
    return made


def render(template: str, locale: str, context: dict[str, Any]) -> str:
    """Fill a template for a reader of this locale."""
    token = reader_locale.set(locale)
    try:
        return environment().get_template(template).render(context)
    finally:
        reader_locale.reset(token)
