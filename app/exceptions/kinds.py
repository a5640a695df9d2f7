"""Which exceptions are about orders: metrics and lists of orders leave those of other journeys out."""

from app.journeys.catalogue import SHIPPED, load_flows
from app.settings import get_settings

# Over `c`, the cause of an exception; a cause that nobody wrote down is taken for an order's.
OF_ORDERS = "coalesce(c.flow, '') <> ALL(CAST(:other_flows AS text[]))"


def other_flows() -> dict[str, list[str]]:
    """The parameter of OF_ORDERS: the flows of other kinds of journey."""
    flows = load_flows(get_settings().flow_dir or SHIPPED)
    return {"other_flows": [flow.name for flow in flows if flow.kind != "order"]}
