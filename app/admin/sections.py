"""The tabs of the admin pages: which there are, and who sees them (pure)."""

from dataclasses import dataclass

from app.auth.rules import allows


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab as the macro takes it."""

    href: str
    text: str
    current: bool
    count: int | None = None


SECTIONS = (
    ("/admin", "Health", "admin"),
    ("/admin/quarantine", "Quarantine", "viewer"),
    ("/admin/waiting", "Unmatched", "viewer"),
    ("/admin/mappings", "Mappings", "viewer"),
    ("/admin/users", "Users", "admin"),
    ("/admin/tokens", "Tokens", "admin"),
    ("/admin/audit", "Audit trail", "admin"),
    ("/docs", "API", "viewer"),
)


def admin_tabs(role: str, here: str) -> list[Tab]:
    """List the tabs that a role may open."""
    return [Tab(href, text, href == here) for href, text, needed in SECTIONS if allows(role, needed)]
