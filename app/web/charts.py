"""Charts: rows → Plotly figures as plain dicts with one template, and the same rows as a table.

Colours are named as CSS custom properties; charts.js puts in their values, so that a chart follows the theme. The
figures are plain dicts because plotly's object tree costs memory in every web process; the tests validate them with it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from markupsafe import Markup

Figure = dict[str, Any]
Level = Literal["act", "watch", "unknown", "ok", "quiet"]

_TEMPLATE: Figure = {
    "layout": {
        "autosize": True,
        "height": 132,
        "margin": {"l": 0, "r": 0, "t": 6, "b": 20},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "var(--font)", "size": 12, "color": "var(--text-3)"},
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": "var(--raised)", "bordercolor": "var(--line-2)", "font": {"color": "var(--text)"}},
        "xaxis": {
            "type": "date",
            "showgrid": False,
            "linecolor": "var(--line-2)",
            "tickfont": {"color": "var(--text-3)"},
            "tickangle": 0,
            "nticks": 4,
            "fixedrange": True,
        },
        "yaxis": {
            "tickfont": {"color": "var(--text-3)"},
            "gridcolor": "var(--line)",
            "zerolinecolor": "var(--line-2)",
            "rangemode": "tozero",
            "nticks": 4,
            "ticklabelposition": "inside top",
            "fixedrange": True,
        },
        "dragmode": False,
    }
}


@dataclass(frozen=True, slots=True)
class Series:
    """One line. A None is a hole: nothing is known for that time."""

    name: str
    points: Sequence[tuple[datetime, float | None]]
    level: Level = "quiet"


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that explains: a deployment, a promotion, a change."""

    at: datetime
    text: str


def line_chart(series: Sequence[Series], title: str, unit: str, marks: Sequence[Mark] = ()) -> Figure:
    """Few lines over time, each named at its end."""
    has_days = _span_seconds(series) > 36 * 3600
    return {
        "data": [_line(one, unit) for one in series],
        "layout": {
            "template": _TEMPLATE,
            "meta": {"title": title},
            "xaxis": {"tickformat": "%d %b" if has_days else "%H:%M", "range": _ends(series)},
            "yaxis": {"ticksuffix": f" {_plain(unit)}", "showticksuffix": "last", "range": _heights(series)},
            "margin": {"l": 0, "r": _room(series, unit), "t": 6 + 14 * bool(marks), "b": 20},
            "annotations": [*_end_labels(series, unit), *(_mark_label(mark) for mark in marks)],
            "shapes": [_mark_line(mark) for mark in marks],
        },
    }


def chart_rows(series: Sequence[Series], unit: str) -> list[list[str]]:
    """The head and one row a moment, newest first, for the table behind the chart."""
    moments = sorted({at for one in series for at, _ in one.points}, reverse=True)
    columns = [dict(one.points) for one in series]
    head = ["At, UTC", *(f"{one.name}, {unit}" if unit else one.name for one in series)]
    return [head, *([f"{at:%d %b %H:%M}", *(_written(column.get(at)) for column in columns)] for at in moments)]


def figure_json(figure: Figure) -> Markup:
    """JSON that may stand inside a script element."""
    text = json.dumps(figure, separators=(",", ":"), ensure_ascii=False)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _line(one: Series, unit: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": one.name,
        "x": [_stamp(at) for at, _ in one.points],
        "y": [value for _, value in one.points],
        "connectgaps": False,
        "line": {"color": _colour(one.level), "width": 2 if one.level == "act" else 1.5},
        "hovertemplate": f"%{{y:,.3~r}} {_plain(unit)}",
    }


def _end_labels(series: Sequence[Series], unit: str) -> list[Figure]:
    """A line's name and last value stand at its end; labels that would touch are pushed apart."""
    ends = [(one, at, value) for one in series for at, value in list(one.points)[-1:] if value is not None]
    ends.sort(key=lambda end: end[2])
    labels = []
    for rank, (one, at, value) in enumerate(ends):
        close = rank and value - ends[rank - 1][2] < 0.15 * max(abs(ends[-1][2]), 1e-9)
        labels.append(
            {
                "x": _stamp(at),
                "y": value,
                "xanchor": "left",
                "xshift": 6,
                "yshift": 12 if close else 0,
                "showarrow": False,
                "align": "left",
                "text": f"{_written(value)} {_plain(unit)} {_plain(one.name)}".replace("  ", " "),
                "font": {"color": _colour(one.level) if one.level != "quiet" else "var(--text-2)"},
            }
        )
    return labels


def _mark_line(mark: Mark) -> Figure:
    at = _stamp(mark.at)
    return {
        "type": "line",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": "var(--edge)", "width": 1, "dash": "dot"},
    }


def _mark_label(mark: Mark) -> Figure:
    return {
        "x": _stamp(mark.at),
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "xanchor": "left",
        "showarrow": False,
        "text": _plain(mark.text),
        "font": {"color": "var(--text-2)"},
    }


def _plain(text: str) -> str:
    """Plotly reads a little HTML in its texts; ours carry none."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "% {")


def _colour(level: Level) -> str:
    return "var(--text-3)" if level == "quiet" else f"var(--{level})"


def _written(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def _room(series: Sequence[Series], unit: str) -> int:
    longest = max((len(one.name) for one in series), default=0)
    return min(16 + 7 * (longest + len(unit) + 6), 180)


def _stamp(at: datetime) -> str:
    """Plotly takes times as they are written, so they are written in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _ends(series: Sequence[Series]) -> list[str] | None:
    moments = [at for one in series for at, _ in one.points]
    return [_stamp(min(moments)), _stamp(max(moments))] if moments else None


def _heights(series: Sequence[Series]) -> list[float] | None:
    """From zero to a little above the highest value; labels at the ends would stretch it otherwise."""
    known = [value for one in series for _, value in one.points if value is not None]
    return [min(0.0, *known), max(0.0, *known) * 1.12 or 1.0] if known else None


def _span_seconds(series: Sequence[Series]) -> float:
    moments = [at for one in series for at, _ in one.points]
    return (max(moments) - min(moments)).total_seconds() if moments else 0.0
