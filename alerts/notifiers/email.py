"""Mails a message as text and HTML over SMTP."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from alerts.notifier import Delivery
from alerts.render import render_mail
from app.core.errors import UnavailableError

TIMEOUT_SECONDS = 15


@dataclass(frozen=True, slots=True, repr=False)
class EmailNotifier:
    """Sends from one account: smtp:// (encrypted where the server offers it) or smtps://."""

    smtp_url: str
    sender: str

    def send(self, delivery: Delivery, now: datetime) -> None:
        mail = compose_mail(delivery, self.sender)
        try:
            with _connected(self.smtp_url) as server:
                server.send_message(mail, to_addrs=[delivery.receiver])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = error.recipients.get(delivery.receiver, (0, b""))
            raise _refused("the address was refused", code, words) from error
        except smtplib.SMTPResponseException as error:
            is_sign_in = isinstance(error, smtplib.SMTPAuthenticationError)
            raise _refused("the server refused", error.smtp_code, error.smtp_error, is_sign_in=is_sign_in) from error
        except (OSError, smtplib.SMTPException) as error:
            raise UnavailableError(f"{type(error).__name__}: {error}"[:300]) from error


def compose_mail(delivery: Delivery, sender: str) -> EmailMessage:
    """Write the mail: the same at every attempt, so that a receiver can drop what it has."""
    name, address = parseaddr(sender)
    domain = address.rpartition("@")[2] or "localhost"
    mail = EmailMessage()
    mail["From"] = Address(name, addr_spec=address)
    mail["To"] = Address(addr_spec=delivery.receiver)
    subject, plain, rich = render_mail(delivery.message)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(delivery.created_at)
    mail["Message-ID"] = f"<{delivery.number}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Pharos-Rule"] = delivery.message.rule
    if delivery.first_number:
        mail["In-Reply-To"] = mail["References"] = f"<{delivery.first_number}@{domain}>"
    mail.set_content(plain)
    mail.add_alternative(rich, subtype="html")
    return mail


@contextmanager
def _connected(smtp_url: str) -> Iterator[smtplib.SMTP]:
    place = urlsplit(smtp_url)
    if place.scheme not in {"smtp", "smtps"} or not place.hostname:
        raise UnavailableError("smtp_url is not an address: write smtp://user:password@host:port", permanent=True)
    with _opened(place) as server:
        if place.scheme == "smtp":
            server.ehlo_or_helo_if_needed()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
        if place.username:
            server.login(unquote(place.username), unquote(place.password or ""))
        yield server


def _opened(place: SplitResult) -> smtplib.SMTP:
    host = place.hostname or ""
    if place.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, place.port or 465, timeout=TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(host, place.port or 587, timeout=TIMEOUT_SECONDS)


def _refused(what: str, code: int, words: bytes | str, *, is_sign_in: bool = False) -> UnavailableError:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    # 5xx means never, but a wrong password is ours to mend.
    return UnavailableError(f"{what}: {code} {said}"[:300], permanent=500 <= code < 600 and not is_sign_in)
