"""Reads of stored mappings, their versions and the shipped examples; and a shelf of them, ready to be used."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.documents import DocumentError
from app.core.errors import NotFoundError
from app.models.mappings import MappingVersion, StoredMapping
from collectors.receivers.mapping import Mapping
from collectors.receivers.mapping_file import read_mapping

logger = logging.getLogger(__name__)

EXAMPLES = Path(__file__).parent
MOST_VERSIONS = 100


@dataclass(frozen=True, slots=True)
class MappingRow:
    """A mapping as it is stored."""

    name: str
    version: int
    document: str
    is_enabled: bool
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One saved version of a mapping."""

    version: int
    document: str
    saved_at: datetime
    saved_by: str
    note: str


class Shelf:
    """The mappings of one process: each is read once a version, and asked for only where something is foreign."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], Mapping | None] = {}

    def read(self, session: Session, steps: frozenset[str]) -> Sequence[Mapping]:
        """Bring the shelf up to date and give what is switched on."""
        wanted = select(StoredMapping.name, StoredMapping.version).where(StoredMapping.is_enabled)
        current = {(row.name, row.version) for row in session.execute(wanted)}
        kept = {place: mapping for place, mapping in self._kept.items() if place in current}
        if missing := {name for name, version in current if (name, version) not in kept}:
            rows = session.scalars(select(StoredMapping).where(StoredMapping.name.in_(missing)))
            kept |= {(row.name, row.version): _usable(row, steps) for row in rows}
        self._kept = kept
        return [mapping for _, mapping in sorted(kept.items(), key=lambda one: one[0]) if mapping]


def _usable(row: StoredMapping, steps: frozenset[str]) -> Mapping | None:
    """A mapping whose flow has changed under it must not close the door; its page says what is wrong."""
    try:
        return read_mapping(row.document, steps, row.name)
    except DocumentError as error:
        logger.error("a mapping cannot be used", extra={"mapping": row.name, "problems": error.problems})
        return None


def list_mappings(session: Session) -> list[MappingRow]:
    """List the mappings by name."""
    return [_row(row) for row in session.scalars(select(StoredMapping).order_by(StoredMapping.name))]


def find_mapping(session: Session, name: str) -> MappingRow:
    """Read one mapping."""
    row = session.get(StoredMapping, name)
    if row is None:
        raise NotFoundError(f"there is no mapping {name!r:.90}", "Look under Admin, Mappings.")
    return _row(row)


def faults_of(row: MappingRow, steps: frozenset[str]) -> tuple[str, ...]:
    """Say what is wrong with a stored mapping: a flow may have changed under it."""
    try:
        read_mapping(row.document, steps, row.name)
    except DocumentError as error:
        return tuple(error.problems)
    return ()


def find_version(session: Session, name: str, version: int) -> VersionRow:
    """Read one version of a mapping."""
    row = session.get(MappingVersion, (name, version))
    if row is None:
        raise NotFoundError(f"there is no version {version} of {name!r:.90}")
    return VersionRow(row.version, row.document, row.saved_at, row.saved_by, row.note)


def list_versions(session: Session, name: str) -> list[VersionRow]:
    """List the versions of a mapping, the latest first."""
    rows = session.scalars(
        select(MappingVersion)
        .where(MappingVersion.name == name)
        .order_by(MappingVersion.version.desc())
        .limit(MOST_VERSIONS)
    )
    return [VersionRow(row.version, row.document, row.saved_at, row.saved_by, row.note) for row in rows]


@lru_cache
def shipped_examples() -> dict[str, str]:
    """Read the examples to begin with, by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.yaml"))}


def _row(row: StoredMapping) -> MappingRow:
    return MappingRow(row.name, row.version, row.document, row.is_enabled, row.updated_at, row.updated_by)
