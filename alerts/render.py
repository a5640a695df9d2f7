"""Renders a message as a mail: subject, text and HTML."""

from alerts.notifier import Message
from app.web.filters import DEFAULT_LOCALE
from app.web.rendering import render


def render_mail(message: Message) -> tuple[str, str, str]:
    """Fill the three templates."""
    context = {"message": message}
    subject, text, rich = (
        render(f"notifications/{name}", DEFAULT_LOCALE, context) for name in ("subject.txt", "mail.txt", "mail.html")
    )
    return " ".join(subject.split()), text, rich
