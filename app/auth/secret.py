"""Secrets that we hand out: 256 random bits, of which only the hash is stored."""

import secrets
from hashlib import sha256


def new_secret() -> str:
    """Make a secret for a session, a link or a token; its beginning lets scanners recognise a leaked one."""
    return f"phr_{secrets.token_urlsafe(32)}"


def secret_hash(secret: str) -> bytes:
    """Hash a secret for storage; it is random, so no slow hash is needed."""
    return sha256(secret.encode()).digest()
