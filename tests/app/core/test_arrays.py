"""Array literals mean to PostgreSQL what the values mean to us."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.arrays import array

TEXTS = st.text(st.characters(blacklist_characters="\x00", blacklist_categories=("Cs",)))


@given(st.lists(st.none() | TEXTS))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
def test_any_text_comes_back_as_it_was(session: Session, values: list[str | None]) -> None:
    assert session.execute(text("SELECT :a ::text[]"), {"a": array(values)}).scalar_one() == values


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bytea", [b"", b'\x00\\x41"', None]),
        ("bigint", [-(2**63), 0, None]),
        ("boolean", [True, False]),
        ("uuid", [UUID(int=0), UUID(int=2**128 - 1)]),
        ("timestamptz", [datetime(2026, 11, 23, 12, 0, 0, 1, UTC), None]),
        ("text", []),
    ],
)
def test_every_kind_comes_back_as_it_was(session: Session, kind: str, values: list[object]) -> None:
    assert session.execute(text(f"SELECT :a ::{kind}[]"), {"a": array(values)}).scalar_one() == values


def test_what_it_cannot_write_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        array([1.5])
