"""Mails through a real SMTP server."""

from collections.abc import Iterator

import pytest

from alerts.notifiers.email import EmailNotifier, compose_mail
from app.core.errors import UnavailableError
from tests.alerts.doors import Mailbox, free_port, mailbox
from tests.alerts.messages import FIRST, NOW, SECOND, a_delivery, a_message, a_stake

SENDER = "Pharos <tower@example.com>"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as opened:
        yield opened


def test_mail_arrives_as_text_and_html(box: Mailbox) -> None:
    EmailNotifier(box.url, SENDER).send(a_delivery(), NOW)
    (mail,) = box.mails
    assert box.recipients == [["ops@example.com"]]
    assert (mail["From"], mail["To"]) == (SENDER, "ops@example.com")
    assert mail["Subject"] == "Act: Revenue at risk is £29,417"
    assert mail["Message-ID"] == f"<{FIRST}@example.com>"
    assert mail["References"] is None
    plain, rich = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert rich is not None
    text = plain.get_content().replace("\r\n", "\n")
    assert text.startswith("Revenue at risk is £29,417.\n\nMoney: £29,417 at risk of £140,836 waiting")
    assert "Owner: ERP integration\n" in text
    assert "What to do: Look at the largest cause." in text
    assert "https://tower.example/exceptions?at=2026-11-23T12%3A42%3A00Z" in text
    assert '<th align="left" valign="top" scope="row">Orders</th>' in rich.get_content()
    assert " style=" not in rich.get_content()


def test_end_refers_to_the_beginning(box: Mailbox) -> None:
    ended = a_message("resolved", [a_stake(), a_stake()])
    EmailNotifier(box.url, SENDER).send(a_delivery(ended, number=SECOND, first_number=FIRST), NOW)
    (mail,) = box.mails
    assert mail["References"] == mail["In-Reply-To"] == f"<{FIRST}@example.com>"
    assert mail["Message-ID"] == f"<{SECOND}@example.com>"
    assert "What to do" not in mail.as_string()


def test_every_attempt_sends_the_same_bytes() -> None:
    first, second = (compose_mail(a_delivery(), SENDER).as_bytes() for _ in range(2))
    boundary = first.split(b'boundary="')[1].split(b'"')[0]
    other = second.split(b'boundary="')[1].split(b'"')[0]
    assert first.replace(boundary, b"") == second.replace(other, b"")


def test_what_others_wrote_is_escaped_and_stays_in_its_header() -> None:
    hostile = a_message(labels={"x": "y"}, stakes=[a_stake(cause="<script>\r\nBcc: eve@example.com")])
    mail = compose_mail(a_delivery(hostile), SENDER)
    rich = mail.get_body(("html",))
    assert rich is not None
    assert "<script>" not in rich.get_content()
    assert mail["Bcc"] is None


def test_account_signs_in() -> None:
    with mailbox(password="s:e/cret") as box:
        host = box.url.removeprefix("smtp://")
        EmailNotifier(f"smtp://tower:s%3Ae%2Fcret@{host}", SENDER).send(a_delivery(), NOW)
        assert len(box.mails) == 1
        with pytest.raises(UnavailableError, match="535") as caught:
            EmailNotifier(f"smtp://tower:wrong@{host}", SENDER).send(a_delivery(), NOW)
        assert not caught.value.permanent


@pytest.mark.parametrize(
    ("answer", "refuses", "is_permanent"),
    [("451 try later", "", False), ("554 never", "", True), ("250 OK", "ops@example.com", True)],
)
def test_refusal_says_why_and_whether_it_lasts(box: Mailbox, answer: str, refuses: str, is_permanent: bool) -> None:
    box.answer, box.refuses = answer, refuses
    with pytest.raises(UnavailableError) as caught:
        EmailNotifier(box.url, SENDER).send(a_delivery(), NOW)
    assert caught.value.permanent is is_permanent
    assert (answer.partition(" ")[2] if not refuses else "no such person") in caught.value.message


def test_nobody_there_is_worth_another_attempt() -> None:
    with pytest.raises(UnavailableError) as caught:
        EmailNotifier(f"smtp://127.0.0.1:{free_port()}", SENDER).send(a_delivery(), NOW)
    assert not caught.value.permanent


def test_address_that_is_none_is_said() -> None:
    with pytest.raises(UnavailableError, match="smtp_url is not an address"):
        EmailNotifier("mail.example.com:25", SENDER).send(a_delivery(), NOW)


def test_password_does_not_show() -> None:
    assert "s3cret" not in repr(EmailNotifier("smtp://tower:s3cret@mail.example.com", SENDER))
