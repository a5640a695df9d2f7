"""Roles and scopes, what each may do, and how long things hold (pure)."""

from datetime import datetime, timedelta

ROLES = ("viewer", "operator", "admin")
SCOPES = ("ingest", "read")

SESSION_LENGTH = timedelta(hours=12)
SESSION_LIMIT = timedelta(days=30)
LINK_LENGTH = timedelta(hours=24)
SHORTEST_PASSWORD = 12

# A session is lengthened at most this often, so that reading pages is not writing rows.
SLIDE_AFTER = timedelta(minutes=10)


def allows(role: str, needed: str) -> bool:
    """Say whether a role reaches as far as the one that is needed."""
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


def next_expiry(created_at: datetime, expires_at: datetime, now: datetime) -> datetime | None:
    """Lengthen a session that is in use; None when it is not worth a write."""
    extended = min(now + SESSION_LENGTH, created_at + SESSION_LIMIT)
    return extended if extended - expires_at >= SLIDE_AFTER else None


def password_fault(password: str, email: str) -> str | None:
    """Say what is wrong with a new password, if anything."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters; a few words in a row are easy to remember"
    if len(password) > 1000:
        return "Use at most 1,000 characters"
    if password.lower() in (email.lower(), email.lower().partition("@")[0]) or len(set(password)) < 4:
        return "That is too easy to guess"
    return None
