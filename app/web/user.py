"""Who is asking: the signed-in person as pages and commands see them (pure)."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """A signed-in person; `csrf` is the token that this session's forms carry."""

    id: UUID
    name: str
    email: str
    role: str
    csrf: str

    @property
    def initials(self) -> str:
        """One or two letters for the corner of the page."""
        words = self.name.split() or [self.email]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
