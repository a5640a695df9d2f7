"""Facts wait in the inbox as they are: compressing them cost more than all else that the inbox does."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What waits already stays as it is; this is about what comes."""
    op.execute("ALTER TABLE inbox ALTER COLUMN facts SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Go back."""
    op.execute("ALTER TABLE inbox ALTER COLUMN facts SET STORAGE EXTENDED")
