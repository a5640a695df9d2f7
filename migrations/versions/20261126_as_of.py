"""Journeys can be found by the time that they were on their way in."""

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


def downgrade() -> None:
    """Take the index away."""
    op.drop_index("ix_journeys_span", "journeys")
