"""The definition sheets as a page of the guides: docs/metrics.md is what this writes (pure)."""

from collections.abc import Iterable
from textwrap import fill

from app.metrics.metric import Metric

_INTRO = """# Metrics

Every number on a page, in a rule, in the API and in a message is one of these, asked as of a time. This page is written
from the definition sheets in the code; the tower shows the same under `/metrics-catalogue`, with the present answer.

Ask with `GET /api/v1/metrics/{name}` and a token of scope `read`:

- `at=2026-11-20T10:00Z` for one moment (now when left out), or `from=-4h`, `to` and `step=5m` for a series;
- `by=channel,step` parts the answer by dimensions, `where=channel:amazon-uk` holds one to a value;
- `window=30m` changes how much time one answer looks at; `format=csv` gives a table.

A `value` of null is unknown, never zero, and `extra.reason` says why. Money is in minor units of the currency that the
unit names. Low and high are null where nothing is estimated; `coverage` is the share of what counts that is known.
"""


def write_sheets(metrics: Iterable[Metric]) -> str:
    """Write the whole page."""
    return "\n".join([_INTRO, *(_section(metric) for metric in metrics)])


def _section(metric: Metric) -> str:
    sheet = metric.sheet
    points = (
        ("Counts", sheet.counts),
        ("Leaves out", sheet.leaves_out),
        ("Window", sheet.window),
        ("Source", sheet.source),
        ("Age of the data", sheet.age),
        ("Low and high", sheet.low_high),
        ("Beside it", sheet.extra),
        ("Unit", metric.unit),
        ("By", ", ".join(metric.dimensions)),
    )
    lines = [fill(f"- **{name}.** {words}", 120, subsequent_indent="  ") for name, words in points]
    return "\n".join([f"## {metric.name}", "", f"{sheet.title}: *{sheet.question}*", "", *lines, ""])
