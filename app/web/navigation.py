"""The menu: the areas of the rail in their order, and who sees them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """One entry of the rail. A deep one stands behind the menu on a phone."""

    key: str
    name: str
    href: str
    is_deep: bool = False
    role: str | None = None  # the one role that sees it; None: everyone


AREAS = (
    Area("tower", "Tower", "/tower"),
    Area("orders", "Orders", "/orders"),
    Area("exceptions", "Exceptions", "/exceptions"),
    Area("connectors", "Connectors", "/connectors"),
    Area("queues", "Queues", "/queues", is_deep=True),
    Area("alerts", "Alerts", "/alerts", is_deep=True),
    Area("admin", "Admin", "/admin", is_deep=True, role="admin"),
)


def areas_for(role: str | None) -> tuple[Area, ...]:
    return tuple(area for area in AREAS if area.role is None or area.role == role)
