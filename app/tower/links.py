"""Where the tower's figures lead: to exactly the rows that they count (pure)."""

from app.web.frame import Frame


def term(name: str, value: str) -> str:
    """Write one condition of a filter."""
    return f'{name}:"{value}"' if any(mark in value for mark in ' "') else f"{name}:{value}"


def exceptions_link(frame: Frame, channel: str, step: str) -> str:
    """List the orders of a channel with an open exception at a step."""
    return frame.link("/exceptions", q=f"{term('channel', channel)} {term('step', step)}") if channel else ""


def orders_link(frame: Frame, channel: str, step: str) -> str:
    """List the orders of a channel on their way to a stage."""
    return frame.link("/orders", q=f"{term('channel', channel)} {term('waiting', step)}") if channel else ""


def cause_link(frame: Frame, cause: str) -> str:
    """Open one group of exceptions."""
    return frame.link("/exceptions", q=term("cause", cause))


def definition_link(metric: str) -> str:
    """Open the sheet of a metric."""
    return f"/metrics-catalogue/{metric}"
