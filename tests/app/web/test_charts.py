"""Charts: figures that Plotly accepts, colours that follow the theme, labels that say the last value."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import plotly.graph_objects as go
import pytest

from app.web.charts import Mark, Series, chart_rows, figure_json, line_chart

START = datetime(2026, 11, 23, 6, tzinfo=UTC)


def a_series(name: str = "taken", values: tuple[float | None, ...] = (1.0, 2.0, 8.7), **more: Any) -> Series:
    return Series(name, [(START + timedelta(hours=n), value) for n, value in enumerate(values)], **more)


def a_chart(*series: Series) -> dict[str, Any]:
    return line_chart(series, "Rejections began at 09:14", "/ min", [Mark(START, "catalogue <b>change</b>")])


def test_plotly_accepts_the_figure() -> None:
    figure = go.Figure(a_chart(a_series(), a_series("rejected", (None, 1.0, 5.4), level="act")))
    assert [line.name for line in figure.data] == ["taken", "rejected"]


def test_an_empty_chart_is_still_a_figure() -> None:
    assert go.Figure(line_chart([], "Nothing yet", "")).data == ()


def test_colours_are_tokens_so_that_a_chart_follows_the_theme() -> None:
    written = json.dumps(a_chart(a_series(level="act")))
    assert '"color": "var(--act)"' in written
    assert "#" not in written


def test_a_line_is_named_with_its_last_value_at_its_end() -> None:
    labels = a_chart(a_series())["layout"]["annotations"]
    assert labels[0]["text"] == "8.7 / min taken"
    assert labels[0]["x"] == "2026-11-23 08:00:00"


def test_a_line_that_ends_unknown_has_no_label() -> None:
    assert len(line_chart([a_series(values=(1.0, None))], "t", "")["layout"]["annotations"]) == 0


def test_labels_that_would_touch_are_pushed_apart() -> None:
    labels = line_chart([a_series("a", (8.0, 8.1)), a_series("b", (8.0, 8.2))], "t", "")["layout"]["annotations"]
    assert {label["yshift"] for label in labels} == {0, 12}


def test_text_cannot_leave_its_script_element_or_carry_markup() -> None:
    written = figure_json(a_chart(a_series("</script><b>")))
    assert "<" not in written
    assert "catalogue &lt;b&gt;" in json.loads(written)["layout"]["annotations"][-1]["text"]


@pytest.mark.parametrize(("hours", "form"), [(5, "%H:%M"), (72, "%d %b")])
def test_long_times_are_marked_in_days(hours: int, form: str) -> None:
    series = Series("orders", [(START, 1.0), (START + timedelta(hours=hours), 2.0)])
    assert line_chart([series], "t", "")["layout"]["xaxis"]["tickformat"] == form


def test_the_table_has_every_moment_newest_first() -> None:
    rows = chart_rows([a_series(), a_series("rejected", (None, 0.0))], "/ min")
    assert rows[0] == ["At, UTC", "taken, / min", "rejected, / min"]
    assert rows[1] == ["23 Nov 08:00", "8.7", "unknown"]
    assert rows[-1] == ["23 Nov 06:00", "1", "unknown"]
