"""Mappings of foreign messages, and every version that each ever had."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class StoredMapping(Base):
    """A mapping as it stands; `version` names its document among the versions."""

    __tablename__ = "mappings"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    document: Mapped[str]
    is_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class MappingVersion(Base):
    """One saved document of a mapping; versions are never changed."""

    __tablename__ = "mapping_versions"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str]
    note: Mapped[str]
