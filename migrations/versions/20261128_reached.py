"""How long a leg took is told by the count of the milestone that ends it: one row where there were two.

A milestone counted in `reached` when it was reached and, where its leg had begun, in the histogram `latency` once both
ends were known. Now `reached` is the histogram, with a bucket for what is reached without such a time.
"""

from hashlib import blake2b

from alembic import op
from sqlalchemy import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UNTIMED = -2000
REACHED = "(SELECT id FROM series WHERE metric = 'reached')"
# The series of latency, and of what was reached, on the same channel at the same step.
TWINS = """
(SELECT l.id AS latency, r.id AS reached FROM series l JOIN series r USING (channel, step)
  WHERE l.metric = 'latency' AND r.metric = 'reached') AS twin
"""


def upgrade() -> None:
    """Each count of a histogram takes the place of one that tells no time."""
    op.execute(f"UPDATE rollups SET bucket = {UNTIMED} WHERE series_id IN {REACHED}")
    add_latencies(-1)
    op.execute(f"UPDATE rollups r SET series_id = twin.reached FROM {TWINS} WHERE r.series_id = twin.latency")
    op.execute("DELETE FROM series WHERE metric = 'latency'")


def downgrade() -> None:
    """Go back."""
    name_latencies()
    op.execute(
        f"UPDATE rollups r SET series_id = twin.latency FROM {TWINS}"
        f" WHERE r.series_id = twin.reached AND r.bucket <> {UNTIMED}"
    )
    add_latencies(1)
    op.execute(f"UPDATE rollups SET bucket = 0 WHERE series_id IN {REACHED}")


def add_latencies(sign: int) -> None:
    """Add what the histograms count to what is counted without a time, or take it off; rows of nothing go."""
    op.execute(
        f"INSERT INTO rollups (series_id, grain, at, bucket, count)"
        f" SELECT twin.reached, r.grain, r.at, {UNTIMED}, {sign} * sum(r.count)"
        f" FROM rollups r JOIN {TWINS} ON r.series_id = twin.latency GROUP BY 1, 2, 3"
        f" ON CONFLICT (series_id, grain, at, bucket) DO UPDATE SET count = rollups.count + EXCLUDED.count"
    )
    op.execute(f"DELETE FROM rollups WHERE count = 0 AND series_id IN {REACHED}")


def name_latencies() -> None:
    """A series is numbered by a hash of its dimensions."""
    connection = op.get_bind()
    for channel, step in connection.execute(text("SELECT channel, step FROM series WHERE metric = 'reached'")).all():
        named = "\x1f".join(("latency", channel, "", "", step, "", ""))
        number = int.from_bytes(blake2b(named.encode(), digest_size=16).digest()) >> 65
        connection.execute(
            text("INSERT INTO series VALUES (:id, 'latency', :channel, '', '', :step, '', '') ON CONFLICT DO NOTHING"),
            {"id": number, "channel": channel, "step": step},
        )
