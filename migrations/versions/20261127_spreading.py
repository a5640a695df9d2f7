"""An event that leads to very many journeys is brought to them in pieces; how far it has come is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: what waits so far is unmatched."""
    op.add_column(
        "waiting_events", sa.Column("state", sa.Text(), server_default=sa.text("'unmatched'"), nullable=False)
    )
    op.add_column("waiting_events", sa.Column("reached", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_waiting_events_spreading",
        "waiting_events",
        ["kind", "key", "uid"],
        postgresql_where=sa.text("state = 'spreading'"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_waiting_events_spreading", "waiting_events", postgresql_where=sa.text("state = 'spreading'"))
    op.drop_column("waiting_events", "reached")
    op.drop_column("waiting_events", "state")
