"""Mappings are kept in versions: who saved what, when, and back again."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.documents import DocumentError
from app.core.errors import ConflictError, NotFoundError
from app.events.event import STEPS
from app.models.users import AuditEntry
from collectors.mappings.commands import restore_version, save_mapping, set_mapping_enabled
from collectors.mappings.queries import Shelf, find_mapping, list_mappings, list_versions
from tests.builders import NOW
from tests.collectors.receivers.mappings import SHORT

LONGER = SHORT + "  channel: web\n"


def save(session: Session, document: str, name: str | None = None) -> str:
    return save_mapping(session, document, STEPS, by="kim", at=NOW, name=name)


def audit(session: Session) -> list[tuple[str, str, object]]:
    rows = session.scalars(select(AuditEntry))
    return [(row.action, row.subject, row.details.get("version")) for row in rows]


def test_every_save_is_a_version(session: Session) -> None:
    assert save(session, SHORT.replace("\n", "\r\n")) == "short"
    save(session, LONGER, "short")
    save(session, LONGER, "short")
    assert [(row.version, row.document, row.saved_by) for row in list_versions(session, "short")] == [
        (2, LONGER, "kim"),
        (1, SHORT, "kim"),
    ]
    assert find_mapping(session, "short").version == 2
    assert audit(session) == [("mapping.saved", "short", 1), ("mapping.saved", "short", 2)]


def test_old_version_comes_back_as_the_newest(session: Session) -> None:
    save(session, SHORT)
    save(session, LONGER, "short")
    restore_version(session, "short", 1, STEPS, by="lee", at=NOW)
    assert (find_mapping(session, "short").document, find_mapping(session, "short").version) == (SHORT, 3)
    assert list_versions(session, "short")[0].note == "restored version 1"
    restore_version(session, "short", 3, STEPS, by="lee", at=NOW)
    assert find_mapping(session, "short").version == 3
    with pytest.raises(NotFoundError):
        restore_version(session, "short", 9, STEPS, by="lee", at=NOW)


def test_what_cannot_be_read_is_not_saved(session: Session) -> None:
    with pytest.raises(DocumentError):
        save(session, SHORT.replace("order.placed", "order.plcaed"))
    assert list_mappings(session) == []


def test_new_mapping_overwrites_none_and_an_old_one_keeps_its_name(session: Session) -> None:
    save(session, SHORT)
    with pytest.raises(ConflictError):
        save(session, LONGER)
    with pytest.raises(DocumentError, match="'other' is another name"):
        save(session, SHORT.replace("short", "other"), "short")


def test_switching_is_written_down_once(session: Session) -> None:
    save(session, SHORT)
    for _ in range(2):
        set_mapping_enabled(session, "short", False, by="kim", at=NOW)
    assert audit(session)[1:] == [("mapping.disabled", "short", None)]
    with pytest.raises(NotFoundError):
        set_mapping_enabled(session, "none", True, by="kim", at=NOW)


def test_shelf_holds_what_is_switched_on_in_its_newest_version(session: Session) -> None:
    shelf = Shelf()
    assert shelf.read(session, STEPS) == []
    save(session, SHORT)
    (first,) = shelf.read(session, STEPS)
    assert shelf.read(session, STEPS)[0] is first
    save(session, LONGER, "short")
    assert shelf.read(session, STEPS)[0].shape.texts.keys() == {"channel"}
    set_mapping_enabled(session, "short", False, by="kim", at=NOW)
    assert shelf.read(session, STEPS) == []


def test_mapping_whose_step_is_gone_does_not_close_the_door(session: Session) -> None:
    save(session, SHORT)
    assert Shelf().read(session, frozenset({"other.step"})) == []
