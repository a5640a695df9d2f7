"""The engine: facts that can be appended to, troubles without an end in one row a journey.

Everything but events and what people decided is derived. It is emptied here, and worked again from the stored events
when the tower next starts (`app/rebuild.py`).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DERIVED = "journeys, journey_keys, journey_redirects, key_neighbours, waiting_events, rollups, queue_samples"
EXCEPTIONS = """
CREATE VIEW exceptions AS
SELECT journey_id, step, kind, opened_at, closed_at, since_at, started_at, cause, channel, opened_at AS due_at
  FROM closed_exceptions
UNION ALL
SELECT p.journey_id, p.words[n], p.words[n + 1], p.times[n], NULL, p.times[n + 1], p.times[n + 2], p.words[n + 2],
       p.channel, p.due_at
  FROM pending_troubles p CROSS JOIN LATERAL generate_series(1, cardinality(p.words), 3) AS n
"""
EXPOSURES = """
CREATE VIEW exposures AS
SELECT journey_id, impact, opened_at, closed_at, since_at, flow, step, cause, channel, value_minor, currency,
       opened_at AS due_at
  FROM closed_exposures
UNION ALL
SELECT p.journey_id, p.stake_words[3 * n - 2], p.stake_times[2 * n - 1], NULL, p.stake_times[2 * n], p.flow,
       p.stake_words[3 * n - 1], p.stake_words[3 * n], p.channel, p.value_minor, p.currency, p.due_at
  FROM pending_troubles p CROSS JOIN LATERAL generate_series(1, cardinality(p.stake_words) / 3) AS n
"""


def upgrade() -> None:
    """Expand; the inbox keeps what waits in its old form for a worker of this release to take."""
    op.execute(f"TRUNCATE {DERIVED}")
    op.execute("INSERT INTO job_marks (name, at, seconds) SELECT 'rebuild', now(), 0 WHERE EXISTS (SELECT FROM events)")
    op.add_column("inbox", sa.Column("facts", sa.LargeBinary(), nullable=True))
    op.alter_column("inbox", "events", nullable=True)
    op.drop_column("journeys", "folded")
    op.add_column("journeys", sa.Column("state", sa.LargeBinary(), nullable=False))
    op.add_column("journeys", sa.Column("settled", sa.LargeBinary(), nullable=True))
    # A journey is rewritten at each fold, in place where its page has room; its facts stay beside it up to 8 kB.
    op.execute("ALTER TABLE journeys SET (fillfactor = 60, toast_tuple_target = 8160)")
    op.drop_table("exceptions")
    op.drop_table("exposures")
    create_closed_exceptions()
    create_closed_exposures()
    create_pending_troubles()
    op.execute(EXCEPTIONS)
    op.execute(EXPOSURES)


def create_closed_exceptions() -> None:
    op.create_table(
        "closed_exceptions",
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("journey_id", "step", "kind", "opened_at", name=op.f("pk_closed_exceptions")),
    )
    op.create_index("ix_closed_exceptions_closed", "closed_exceptions", ["closed_at"])


def create_closed_exposures() -> None:
    op.create_table(
        "closed_exposures",
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("journey_id", "impact", "opened_at", name=op.f("pk_closed_exposures")),
    )
    op.create_index("ix_closed_exposures_closed", "closed_exposures", ["closed_at"])


def create_pending_troubles() -> None:
    texts, times = postgresql.ARRAY(sa.Text()), postgresql.ARRAY(sa.DateTime(timezone=True))
    op.create_table(
        "pending_troubles",
        sa.Column("journey_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("words", texts, nullable=False),
        sa.Column("times", times, nullable=False),
        sa.Column("stake_words", texts, nullable=False),
        sa.Column("stake_times", times, nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("journey_id", name=op.f("pk_pending_troubles")),
    )
    op.create_index(op.f("ix_pending_troubles_due_at"), "pending_troubles", ["due_at"])
    op.execute("ALTER TABLE pending_troubles SET (fillfactor = 70)")


def downgrade() -> None:
    """There is no way back: the older release cannot read facts that were appended."""
    raise RuntimeError("restore the store from before this release")
