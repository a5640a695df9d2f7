"""Every setting of Pharos, typed, with a default that works, read once from `PHAROS_*` variables."""

import os
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The one place where settings are named; each field's description is its documentation."""

    model_config = SettingsConfigDict(env_prefix="PHAROS_", env_file=None, frozen=True)

    host: str = Field("127.0.0.1", description="Address that the web process listens on.")
    port: int = Field(8000, description="Port that the web process listens on.")
    public_url: str = Field("", description="Address that people use; links in messages begin with it.")
    data_dir: Path = Field(Path(".data"), description="Where the embedded PostgreSQL lives.")
    database_url: SecretStr = Field(SecretStr(""), description="PostgreSQL 15 or later; empty starts the embedded one.")
    pool_size: int = Field(10, ge=2, description="Database connections, and request threads, of one process.")
    secure_cookies: bool = Field(False, description="Send cookies over HTTPS only; set it behind TLS.")

    retailer: str = Field("Your company", description="Name in the corner of every page.")
    reporting_currency: str = Field("GBP", description="ISO 4217 currency in which sums are shown.")
    simulated: bool = Field(False, description="Marks every page as showing a simulated retailer.")
    flow_dir: Path | None = Field(None, description="A folder of flow files to use instead of the shipped ones.")

    max_body_bytes: int = Field(16 * 1024 * 1024, description="Largest request body after decompression.")
    max_event_bytes: int = Field(1024 * 1024, description="Largest single event.")
    otlp_max_body_bytes: int = Field(64 * 1024 * 1024, description="Largest OTLP request body after decompression.")
    otlp_max_records: int = Field(100_000, ge=1, description="Most OTLP records, points included, in one request.")
    otlp_prefix: str = Field(
        "retail",
        pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$",
        description="How the retail attributes of OTLP begin, such as `com.example.retail`.",
    )
    inbox_limit: int = Field(200_000, description="Waiting events above which receivers answer 429.")
    batch_events: int = Field(16_000, ge=1, description="Most events that a worker takes in one transaction.")
    worker_threads: int = Field(1, ge=1, description="Batches that one worker has in hand at a time.")
    retention_days: int = Field(90, ge=1, description="Age at which partitions of raw events are dropped.")

    rule_interval_seconds: float = Field(1.0, gt=0, description="How often alert rules are evaluated.")
    smtp_url: SecretStr = Field(SecretStr(""), description="smtp://user:password@host:port, or smtps://; empty: off.")
    mail_from: str = Field("Pharos <pharos@localhost>", description="Sender of mails.")
    mail_to: str = Field("", description="Addresses, comma-separated, that the default route mails.")
    webhook_url: str = Field("", description="Address that the default route posts signed alerts to; empty: off.")
    webhook_secret: SecretStr = Field(SecretStr(""), description="Key of the webhook's HMAC-SHA256 signature.")

    ingest_token: SecretStr = Field(SecretStr(""), description="The token that the simulated retailer sends with.")
    story: str = Field("demo", description="What happens to the simulated retailer of `pharos demo`.")
    story_seed: int = Field(7, description="Makes a story repeatable.")
    story_speed: float = Field(1.0, gt=0, description="How much faster than real time a story runs.")
    story_backfill_hours: float = Field(24.0, ge=0, le=240, description="How much past `pharos demo` fills in.")

    story_since: datetime | None = Field(None, description="When its first fault began; empty: just before the start.")
    allow_private_addresses: bool = Field(False, description="Let webhooks go to private and local addresses.")

    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    otlp_endpoint: str = Field("", description="Base URL of an OTLP/HTTP receiver for the tower's own telemetry.")

    @property
    def base_url(self) -> str:
        """Where links in messages point to, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


@lru_cache
def get_settings() -> Settings:
    """Read the environment once."""
    return Settings()


def child_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that we start: ours, with some settings changed."""
    return {**os.environ, **changes}
