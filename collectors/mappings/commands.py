"""Changes to mappings, each a new version with its line in the audit trail."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.commands import record
from app.core.documents import DocumentError
from app.core.errors import ConflictError, NotFoundError
from app.models.mappings import MappingVersion, StoredMapping
from collectors.receivers.mapping_file import read_mapping

RESERVED = {"new"}


def save_mapping(
    session: Session, document: str, steps: frozenset[str], *, by: str, at: datetime, name: str | None = None
) -> str:
    """Store a document as the newest version of the mapping that it names; `name` is the one that is being edited.

    A mapping is made by saving one without `name`, and is never overwritten so.
    """
    document = document.replace("\r\n", "\n")
    mapping = read_mapping(document, steps, name or "mapping")
    if mapping.name in RESERVED:
        line = mapping.places["mapping"].line
        raise DocumentError([f"mapping:{line}: mapping: {mapping.name!r} is a word of the pages: choose another name"])
    if name is not None and mapping.name != name:
        line = mapping.places["mapping"].line
        raise DocumentError([f"{name}:{line}: mapping: {mapping.name!r} is another name: make that one anew"])
    row = session.get(StoredMapping, mapping.name, with_for_update=True)
    if row is not None and name is None:
        raise ConflictError(f"there is a mapping {mapping.name} already", "Open that one, or choose another name.")
    if row is None or row.document != document:
        _put(session, row, mapping.name, document, "", by, at)
    return mapping.name


def restore_version(session: Session, name: str, version: int, steps: frozenset[str], *, by: str, at: datetime) -> None:
    """Make an old version the newest one; it must still be readable."""
    old = session.get(MappingVersion, (name, version))
    row = session.get(StoredMapping, name, with_for_update=True)
    if old is None or row is None:
        raise NotFoundError(f"there is no version {version} of {name!r:.90}")
    read_mapping(old.document, steps, name)
    if row.document != old.document:
        _put(session, row, name, old.document, f"restored version {version}", by, at)


def set_mapping_enabled(session: Session, name: str, is_enabled: bool, *, by: str, at: datetime) -> None:
    """Switch a mapping on or off; what it no longer takes is set aside."""
    row = session.get(StoredMapping, name, with_for_update=True)
    if row is None:
        raise NotFoundError(f"there is no mapping {name!r:.90}")
    if row.is_enabled != is_enabled:
        row.is_enabled = is_enabled
        record(session, by, "mapping.enabled" if is_enabled else "mapping.disabled", name, None, at)


def _put(
    session: Session, row: StoredMapping | None, name: str, document: str, note: str, by: str, at: datetime
) -> None:
    versions = select(func.coalesce(func.max(MappingVersion.version), 0)).where(MappingVersion.name == name)
    version = session.scalars(versions).one() + 1
    if row is None:
        row = StoredMapping(name=name, is_enabled=True)
        session.add(row)
    row.version, row.document, row.updated_at, row.updated_by = version, document, at, by
    kept = MappingVersion(name=name, version=version, document=document, saved_at=at, saved_by=by, note=note)
    session.add(kept)
    record(session, by, "mapping.saved", name, {"version": version, **({"note": note} if note else {})}, at)
