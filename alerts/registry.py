"""Which notifiers there are: name → Notifier, as far as the settings set them up."""

from alerts.notifier import Notifier
from app.settings import Settings


def notifiers_of(settings: Settings) -> dict[str, Notifier]:
    """Make the notifiers that have an address to send from or to."""
    # A notifier that is not set up need not be in memory: the two bring a template engine and an HTTP client.
    found: dict[str, Notifier] = {}
    if smtp_url := settings.smtp_url.get_secret_value():
        from alerts.notifiers.email import EmailNotifier

        found["email"] = EmailNotifier(smtp_url, settings.mail_from)
    if settings.webhook_url:
        from alerts.notifiers.webhook import WebhookNotifier

        found["webhook"] = WebhookNotifier(
            settings.webhook_url,
            settings.webhook_secret.get_secret_value(),
            allow_private_addresses=settings.allow_private_addresses,
        )
    return found
