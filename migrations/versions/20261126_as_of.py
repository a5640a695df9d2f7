"""Journeys can be found by the time that they were on their way in; the clocks of senders are measured."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand; a summary of page ranges costs a rewritten row no entry of its own, so it stays in place."""
    op.create_index(
        "ix_journeys_span",
        "journeys",
        ["opened_at", "last_at"],
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 32, "autosummarize": True},
    )
    op.create_table(
        "clock_skews",
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connector", "at", name=op.f("pk_clock_skews")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("clock_skews")
    op.drop_index("ix_journeys_span", "journeys")
