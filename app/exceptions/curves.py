"""The loss curves of the flows in force."""

from functools import lru_cache

from app.exceptions.losses import Losses, make_losses
from app.journeys.catalogue import SHIPPED, load_flows
from app.settings import get_settings


@lru_cache
def current_losses() -> Losses:
    """Read the curves once; flows change with a restart."""
    return make_losses({flow.name: flow.loss for flow in load_flows(get_settings().flow_dir or SHIPPED)})
