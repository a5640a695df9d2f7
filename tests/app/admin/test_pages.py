"""The admin pages show what is so, let only the right people in, and write down what they change."""

from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admin.health import newest_schema
from app.auth.secret import secret_hash
from app.events.inbox import append_events
from app.models.events import InboxBatch
from app.models.operations import JobMark
from app.models.users import ApiToken, AuditEntry, User
from app.pipeline import work_events
from tests.builders import NOW, a_user, an_event
from tests.stories.journeys import an_estate


def audit(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(AuditEntry.action, AuditEntry.subject)).all()
    return [(row.action, row.subject) for row in rows if row.action != "session.started"]


def test_health_names_what_waits_and_who_works(admin: TestClient, session: Session) -> None:
    append_events(session, [an_event(), an_event()], NOW - timedelta(minutes=5))
    session.add(JobMark(name="pipeline", at=NOW - timedelta(seconds=5), seconds=0.25, error=None))
    session.add(JobMark(name="rules", at=NOW - timedelta(seconds=9), seconds=0.1, error="no such metric"))
    text = admin.get("/admin").text
    for expected in ("Alive", "Behind", "oldest 5 m ago", "no such metric", "0.2 s", str(newest_schema())):
        assert expected in text
    assert admin.get("/admin/_health").status_code == 200


def test_health_without_a_worker_is_unknown_not_green(admin: TestClient) -> None:
    text = admin.get("/admin").text
    assert "Never seen" in text
    assert "is a worker running?" in text


def test_health_names_what_found_no_order(admin: TestClient, session: Session) -> None:
    parcel = an_event("fulfilment.delivered", at=NOW - timedelta(hours=1), keys=(("tracking", "1Z-7"),))
    work_events(session, an_estate(), [parcel], NOW)
    text = admin.get("/admin").text
    assert "oldest 1 h ago" in text
    assert 'href="/admin/waiting"' in text


def test_batches_that_failed_stand_below_the_refused(viewer: TestClient, session: Session) -> None:
    append_events(session, [an_event()], NOW)
    session.scalars(select(InboxBatch)).one().failures = 3
    assert "Parked in the inbox" in viewer.get("/admin/quarantine").text


def test_new_user_gets_a_link_that_is_shown_once(admin: TestClient, client: TestClient, session: Session) -> None:
    shown = admin.post("/admin/users", data={"email": "new@example.com", "name": "New", "role": "operator"})
    assert shown.headers["cache-control"] == "no-store"
    path = shown.text.partition('data-copy="http://testserver')[2].partition('"')[0]
    assert client.post(path).headers["location"] == "/"
    assert audit(session)[:2] == [("user.created", "new@example.com"), ("user.link_issued", "new@example.com")]
    assert path not in admin.get("/admin/users").text


@pytest.mark.parametrize("email", ["", "nobody", "a b@example.com"])
def test_bad_address_comes_back_with_the_form(admin: TestClient, email: str) -> None:
    answer = admin.post("/admin/users", data={"email": email, "name": "Someone"})
    assert answer.status_code == 422
    assert "is not an e-mail address" in answer.text
    assert 'value="Someone"' in answer.text


def test_role_and_access_of_a_user_change(admin: TestClient, session: Session) -> None:
    user_id = a_user(session, "viewer", email="kim@example.com")
    assert admin.post(f"/admin/users/{user_id}/role", data={"role": "operator"}).status_code == 303
    assert admin.post(f"/admin/users/{user_id}/disablement").status_code == 303
    user = session.get_one(User, user_id)
    assert (user.role, user.disabled_at) == ("operator", NOW)
    assert admin.post(f"/admin/users/{user_id}/link").status_code == 409
    assert admin.post(f"/admin/users/{user_id}/enablement").status_code == 303
    assert session.get_one(User, user_id).disabled_at is None


def test_last_administrator_stays(admin: TestClient, session: Session) -> None:
    user = session.scalars(select(User)).one()
    assert admin.post(f"/admin/users/{user.id}/disablement").status_code == 409
    assert admin.post(f"/admin/users/{user.id}/role", data={"role": "viewer"}).status_code == 409


def test_token_is_shown_once_and_stored_as_a_hash(admin: TestClient, session: Session) -> None:
    shown = admin.post("/admin/tokens", data={"name": "middleware", "scope": ["ingest", "read"]}).text
    secret = "phr_" + shown.partition('data-copy="phr_')[2].partition('"')[0]
    token = session.scalars(select(ApiToken)).one()
    assert len(secret) == 47
    assert token.token_hash == secret_hash(secret)
    assert secret not in admin.get("/admin/tokens").text
    assert admin.post(f"/admin/tokens/{token.id}/revocation").status_code == 303
    assert session.scalars(select(ApiToken.revoked_at)).one() == NOW
    assert "Revoked" in admin.get("/admin/tokens").text


def test_token_without_a_scope_is_not_made(admin: TestClient, session: Session) -> None:
    assert admin.post("/admin/tokens", data={"name": "x"}).status_code == 422
    assert session.scalars(select(ApiToken)).all() == []


def test_audit_trail_is_searched_and_paged(admin: TestClient, session: Session) -> None:
    for number in range(101):
        session.add(
            AuditEntry(
                id=uuid4(), at=NOW, actor="kim", action="rule.edited", subject=f"rule-{number}", details={"n": 1}
            )
        )
    first = admin.get("/admin/audit", params={"q": "RULE.edit"}).text
    assert first.count("rule.edited</td>") == 100
    older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert admin.get(older).text.count("rule.edited</td>") == 1
    assert "Nothing matches" in admin.get("/admin/audit", params={"q": "100%"}).text


def test_reference_shows_operations_without_another_host(viewer: TestClient) -> None:
    page = viewer.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://testserver", "").replace("http://www.w3.org", "")
    assert viewer.get("/openapi.json").json()["info"]["title"] == "Pharos"
