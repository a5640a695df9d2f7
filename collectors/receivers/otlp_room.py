"""How much one request of OTLP may hold: parts to walk past, values to read, bytes to keep (pure)."""

from dataclasses import dataclass

from app.core.errors import TooLargeError

SMALLER = "Send smaller batches."
MAX_RECORDS, MAX_VALUES = 100_000, 1_500_000
MAX_RECORD_BYTES, MAX_KEPT_BYTES = 1024 * 1024, 32 * 1024 * 1024
# Reading a record costs something even when there is hardly anything in it.
RECORD_COST = 50


@dataclass(slots=True)
class Room:
    """The limits of one request and how much of each is used: what is over ends it before it costs more."""

    max_records: int = MAX_RECORDS
    max_values: int = MAX_VALUES
    max_record_bytes: int = MAX_RECORD_BYTES
    max_kept_bytes: int = MAX_KEPT_BYTES
    records: int = 0
    values: int = 0
    kept_bytes: int = 0

    def walk(self, count: int = 1) -> None:
        """Note parts of the request: records, points of metrics, or what holds them."""
        self.records += count
        if self.records > self.max_records:
            raise self.too_many()

    def oversized(self, *parts: bytes) -> str | None:
        """Say what is wrong with a record that is too large to be read with what surrounds it."""
        if sum(map(len, parts)) <= self.max_record_bytes:
            return None
        return f"the record is over {self.max_record_bytes:,} bytes: send it smaller"

    def read(self, *parts: bytes) -> None:
        """Note a record that is read, in JSON, or what surrounds it."""
        self.values += RECORD_COST + sum(part.count(b",") for part in parts)
        if self.values > self.max_values:
            raise TooLargeError(f"more than {self.max_values:,} values of business in one request", SMALLER)

    def keep(self, size: int) -> None:
        """Note what is kept; each record takes its surroundings along."""
        self.kept_bytes += size
        if self.kept_bytes > self.max_kept_bytes:
            raise TooLargeError(f"more than {self.max_kept_bytes:,} bytes to keep in one request", SMALLER)

    def too_many(self) -> TooLargeError:
        """Say that there are too many records."""
        return TooLargeError(f"more than {self.max_records:,} records in one request", SMALLER)
