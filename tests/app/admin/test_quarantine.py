"""The quarantine shows groups with a sample, masked by role; operators have them taken in again or dismiss them."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events.event import Refusal, pack_event
from app.events.inbox import quarantine
from app.models.events import QuarantinedEvent
from app.models.operations import LongJob
from app.models.users import AuditEntry
from tests.builders import NOW, an_event

BODY = b'{"id":"7","data":{"customer":{"name":"Ann <b>Lee</b>"},"card":4711}}'
GROUP = {"kind": "unknown step 'x'", "sender": "middleware", "door": "/v1/events", "source": "/shop"}
PATH = "/admin/quarantine"


def audit(session: Session) -> list[tuple[str, str, dict[str, Any]]]:
    rows = session.scalars(select(AuditEntry))
    return [(row.action, row.subject, row.details) for row in rows if row.action != "session.started"]


@pytest.fixture
def refusal(session: Session) -> QuarantinedEvent:
    refused = Refusal(index=0, reason="unknown step 'x': no mapping", body=BODY, source="/shop", event_id="7")
    other = Refusal(index=1, reason="unknown step 'x': did you mean 'y'?", body=BODY, source="/shop")
    quarantine(session, [refused, other], "/v1/events", "middleware", NOW)
    return session.scalars(select(QuarantinedEvent).where(QuarantinedEvent.event_id == "7")).one()


def test_what_one_change_would_mend_is_one_group(
    viewer: TestClient, refusal: QuarantinedEvent, session: Session
) -> None:
    elsewhere = Refusal(index=0, reason="unknown step 'x': no mapping", body=BODY)
    quarantine(session, [elsewhere], "/v1/events", "middleware", NOW)
    text = viewer.get(PATH).text
    assert text.count("unknown step &#39;x&#39;</a>") == 2
    assert '<td class="num">2</td><td>middleware</td><td>/shop</td><td>/v1/events</td>' in text
    assert '<td class="num">1</td><td>middleware</td><td>unknown</td>' in text
    assert f"{PATH}/{refusal.id}" in viewer.get(f"{PATH}/group", params=GROUP).text
    alone = {name: value for name, value in GROUP.items() if name != "source"}
    assert f"{PATH}/{refusal.id}" not in viewer.get(f"{PATH}/group", params=alone).text


def test_viewer_sees_shape_but_no_values_and_may_do_nothing(
    viewer: TestClient, session: Session, refusal: QuarantinedEvent
) -> None:
    for text in (viewer.get(f"{PATH}/{refusal.id}").text, viewer.get(f"{PATH}/group", params=GROUP).text):
        assert "customer" in text
        assert "Ann" not in text
        assert "4711" not in text
        assert "in again" not in text.replace("Taken in again", "")
        assert "Dismiss" not in text
    assert audit(session) == []


def test_operator_reads_escaped_bytes_and_it_is_written_down(
    operator: TestClient, session: Session, refusal: QuarantinedEvent
) -> None:
    text = operator.get(f"{PATH}/{refusal.id}").text
    assert "Ann &lt;b&gt;Lee&lt;/b&gt;" in text
    assert audit(session) == [("quarantine.read", str(refusal.id), {"sender": "middleware"})]


def test_sample_of_a_group_masks_people(operator: TestClient, session: Session, refusal: QuarantinedEvent) -> None:
    text = operator.get(f"{PATH}/group", params=GROUP).text
    assert "4711" in text
    assert "Ann" not in text
    assert [row[0] for row in audit(session)] == ["quarantine.read"]


def test_parked_event_shows_what_was_sent(operator: TestClient, session: Session) -> None:
    sent = pack_event(an_event(payload=b'{"sent": "so"}'))
    unsent = pack_event(an_event(id="alone"))
    for body, shown in ((sent, "{&#34;sent&#34;: &#34;so&#34;}"), (unsent, "&#34;alone&#34;"), (b"\xc1", "\\xc1")):
        quarantine(session, [Refusal(0, "parked", body, form="packed")], "pipeline", "inbox", NOW)
        row = session.scalars(select(QuarantinedEvent).where(QuarantinedEvent.body == body)).one()
        assert shown in operator.get(f"{PATH}/{row.id}").text


def test_group_is_taken_in_again_as_a_job_that_shows_and_stops(
    operator: TestClient, session: Session, refusal: QuarantinedEvent
) -> None:
    for _ in range(2):
        assert operator.post(f"{PATH}/retakes", data=GROUP).headers["location"] == PATH
    job = session.scalars(select(LongJob)).one()
    assert (job.state, job.total, job.subject) == ("waiting", 2, GROUP)
    for path in (PATH, f"{PATH}/_open"):
        text = operator.get(path).text
        assert "Waiting" in text
        assert '<progress value="0" max="2"' in text
    assert operator.post(f"{PATH}/retakes/{job.id}/cancellation").status_code == 303
    assert "Cancelled" in operator.get(PATH).text
    assert {row[0] for row in audit(session)} == {"quarantine.retaken", "quarantine.retake_cancelled"}


def test_group_that_is_gone_cannot_be_taken_in(operator: TestClient) -> None:
    assert operator.post(f"{PATH}/retakes", data=GROUP).status_code == 409
    assert operator.post(f"{PATH}/dismissals", data={**GROUP, "why": "x"}).status_code == 409
    assert "Nothing is left of this" in operator.get(f"{PATH}/group", params=GROUP).text


def test_dismissing_takes_a_reason_and_is_written_down(
    operator: TestClient, session: Session, refusal: QuarantinedEvent
) -> None:
    answer = operator.post(f"{PATH}/dismissals", data=GROUP)
    assert answer.status_code == 422
    assert "Say why these may be dismissed" in answer.text
    assert operator.post(f"{PATH}/dismissals", data={**GROUP, "why": "their load test"}).status_code == 303
    row = session.get_one(QuarantinedEvent, refusal.id)
    assert (row.settled_at, row.settlement) == (NOW, "dismissed: their load test")
    details = {"sender": "middleware", "count": 2, "why": "their load test"}
    assert audit(session)[-1] == ("quarantine.dismissed", "unknown step 'x'", details)
    assert "Nothing is in quarantine" in operator.get(PATH).text
    assert "dismissed: their load test" in operator.get(f"{PATH}/{refusal.id}").text


@pytest.mark.parametrize("path", ["retakes", "dismissals"])
def test_viewer_may_not_act(viewer: TestClient, path: str) -> None:
    assert viewer.post(f"{PATH}/{path}", data={**GROUP, "why": "x"}).status_code == 403


def test_unknown_refusal_is_not_found(viewer: TestClient) -> None:
    assert viewer.get(f"{PATH}/00000000-0000-0000-0000-000000000007").status_code == 404


def test_tower_says_what_is_missing_beside_the_age_of_its_data(viewer: TestClient, refusal: QuarantinedEvent) -> None:
    assert ">2 set aside</a>" in viewer.get("/tower").text
    assert "set aside" not in viewer.get("/orders").text


def test_tower_is_silent_when_nothing_is_missing(viewer: TestClient) -> None:
    assert "set aside" not in viewer.get("/tower").text
