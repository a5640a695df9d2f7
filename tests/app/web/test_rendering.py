"""Pages are strict about what they are given, escape it, and address files by their content."""

from pathlib import Path

import jinja2
import pytest
from fastapi.testclient import TestClient

from app.core.money import Money
from app.web import assets
from app.web.filters import reader_locale
from app.web.frame import Frame
from app.web.rendering import environment, render
from tests.builders import NOW


def a_frame(**given: object) -> Frame:
    facts: dict[str, object] = {
        "path": "/orders",
        "query": "q=x&from=-1h&at=2026-11-20T10:00Z",
        "now": NOW,
        "retailer": "Test Retail",
        "reporting_currency": "GBP",
        "simulated": False,
        "locale": "en_GB",
        "theme": None,
        **given,
    }
    return Frame(**facts)  # type: ignore[arg-type]


def test_undefined_variables_raise() -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ missing }}").render()


def test_values_are_escaped_in_pages() -> None:
    shown = {"frame": a_frame(), "status": 404, "heading": "x", "message": "<b>&", "hint": ""}
    assert "<p>&lt;b&gt;&amp;</p>" in render("errors/error.html", "en_GB", shown)


def test_macros_write_in_the_locale_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    macro = "{% macro m(a) %}{{ a | money }}{% endmacro %}"
    using = "{% from 'm.html' import m %}{{ m(amount) }}"
    loader = jinja2.DictLoader({"m.html": macro, "p.html": using})
    monkeypatch.setattr(environment(), "loader", loader)
    assert render("p.html", "de_DE", {"amount": Money(150000, "EUR")}) == "1.500\xa0€"
    assert reader_locale.get() == "en_GB"


def test_frame_changes_one_parameter_and_keeps_the_others() -> None:
    frame = a_frame()
    assert frame.url_with(at=None) == "/orders?q=x&from=-1h"
    assert frame.url_with(**{"from": "-4h"}) == "/orders?q=x&at=2026-11-20T10%3A00Z&from=-4h"
    assert a_frame(query="").url_with(q="a&b") == "/orders?q=a%26b"
    assert a_frame(query="").url_with(at=None) == "/orders"


def test_links_carry_the_moment_but_not_the_filter() -> None:
    assert a_frame().link("/exceptions", q="late") == "/exceptions?from=-1h&at=2026-11-20T10%3A00Z&q=late"
    assert a_frame(query="q=x").link("/exceptions") == "/exceptions"


def test_static_files_keep_for_good_under_their_version_only(client: TestClient) -> None:
    today = client.get(assets.static_url("css/app.css"))
    assert today.status_code == 200
    assert today.headers["cache-control"] == assets.FOREVER
    for path in ("/static/css/app.css", "/static/v-000000000000/css/app.css"):
        other = client.get(path)
        assert other.text == today.text
        assert other.headers["cache-control"] == "no-cache"
    assert client.get("/static/css/none.css").status_code == 404
    assert client.get("/static/%2e%2e/settings.py").status_code == 404


def test_version_follows_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    (tmp_path / "a.css").write_text("a")
    first = assets.version.__wrapped__()
    (tmp_path / "a.css").write_text("b")
    assert assets.version.__wrapped__() != first
