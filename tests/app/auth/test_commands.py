"""Changes to users and tokens are checked, and each leaves one line in the audit trail without a secret."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth import commands
from app.auth.passwords import hash_password, is_password
from app.auth.queries import find_account, find_link_account, find_session, find_token
from app.auth.sessions import sign_in
from app.core.errors import ConflictError, NotFoundError, PayloadError
from app.models.users import AuditEntry, User
from tests.builders import NOW

PASSWORD = "a long enough sentence"


def trail(session: Session) -> list[tuple[str, str, str]]:
    return [(row.actor, row.action, row.subject) for row in session.scalars(select(AuditEntry))]


def test_first_administrator_is_made_once_and_gets_a_new_link_each_time(session: Session) -> None:
    links = {commands.ensure_first_admin(session, "admin@pharos.local", NOW) for _ in range(2)}
    assert len(links) == 2
    for link in links:
        account = find_link_account(session, link, NOW)
        assert account is not None
        assert account.role == "admin"
    assert len(session.scalars(select(User)).all()) == 1


def test_email_is_the_same_in_any_case(session: Session) -> None:
    commands.create_user(session, " Kim@Example.com ", "Kim", "viewer", NOW)
    with pytest.raises(ConflictError):
        commands.create_user(session, "kim@example.COM", "Kim", "viewer", NOW)
    assert find_account(session, "KIM@example.com ") is not None


@pytest.mark.parametrize(
    ("email", "role", "password"),
    [
        ("kim", "viewer", ""),
        ("kim@", "viewer", ""),
        ("kim@example.com, b@example.com", "viewer", ""),
        ("kim@example.com", "owner", ""),
        ("kim@example.com", "viewer", "short"),
        ("kim@example.com", "viewer", "kim@example.com"),
        ("kim@example.com", "viewer", "a" * 20),
        ("kim@example.com", "viewer", "ab cd " * 200),
    ],
)
def test_odd_users_are_refused(session: Session, email: str, role: str, password: str) -> None:
    with pytest.raises(PayloadError):
        commands.create_user(session, email, "Kim", role, NOW, password=password)


def test_new_password_signs_out_everywhere(session: Session) -> None:
    commands.create_user(session, "kim@example.com", "Kim", "viewer", NOW, password=PASSWORD)
    secret = sign_in(session, "kim@example.com", PASSWORD, NOW)
    assert secret is not None
    assert find_session(session, secret, NOW) is not None
    commands.set_password(session, "kim@example.com", PASSWORD + "!", NOW)
    session.flush()
    assert find_session(session, secret, NOW) is None
    assert sign_in(session, "kim@example.com", PASSWORD, NOW) is None
    assert sign_in(session, "kim@example.com", PASSWORD + "!", NOW) is not None


def test_changes_of_unknown_users_and_tokens_are_refused(session: Session) -> None:
    with pytest.raises(NotFoundError):
        commands.set_password(session, "nobody@example.com", PASSWORD, NOW)
    with pytest.raises(NotFoundError):
        commands.revoke_token(session, uuid4(), NOW)


@pytest.mark.parametrize(("name", "scopes"), [("", ["read"]), ("till", []), ("till", ["read", "write"])])
def test_odd_tokens_are_refused(session: Session, name: str, scopes: list[str]) -> None:
    with pytest.raises(PayloadError):
        commands.issue_token(session, name, scopes, NOW)


def test_trail_tells_who_and_what_and_no_secret(session: Session) -> None:
    commands.create_user(session, "kim@example.com", "Kim", "viewer", NOW, password=PASSWORD, by="ann@example.com")
    secret = commands.issue_token(session, "till", ["read", "ingest", "read"], NOW)
    assert secret.startswith("phr_")
    assert len(secret) == 47
    assert trail(session) == [
        ("ann@example.com", "user.created", "kim@example.com"),
        (commands.COMMAND_LINE, "token.issued", "till"),
    ]
    details = str([row.details for row in session.scalars(select(AuditEntry))])
    assert secret not in details
    assert PASSWORD not in details
    known = find_token(session, secret)
    assert known is not None
    assert known.scopes == {"read", "ingest"}


def test_password_check_survives_what_is_no_hash() -> None:
    assert is_password(hash_password(PASSWORD), PASSWORD)
    assert not is_password(hash_password(PASSWORD), PASSWORD + " ")
    assert not is_password(None, "nobody has this password")
    assert not is_password("no hash at all", PASSWORD)
