"""Passwords: argon2id hashes, with the smaller memory of the OWASP profile, and their check."""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """Hash a password with a salt of its own."""
    return hasher.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Check a password; where none is stored it takes as long, so that nobody learns who has an account."""
    try:
        return hasher.verify(stored or _nobody(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(stored)


@lru_cache
def _nobody() -> str:
    return hasher.hash("nobody has this password")
