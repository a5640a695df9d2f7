"""Mappings with their versions, quarantine that can be read again, and long work in pieces."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("settled_at IS NULL")
UNFINISHED = sa.text("finished_at IS NULL")


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "mappings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mappings")),
    )
    op.create_table(
        "mapping_versions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_mapping_versions")),
    )
    op.create_table(
        "long_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("worked", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("good", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("place", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_long_jobs")),
    )
    op.create_index("ix_long_jobs_unfinished", "long_jobs", ["asked_at"], postgresql_where=UNFINISHED)
    op.create_index("ix_long_jobs_recent", "long_jobs", ["kind", "asked_at"])
    op.add_column("quarantine", sa.Column("kind", sa.Text(), nullable=True))
    op.execute("UPDATE quarantine SET kind = left(split_part(reason, ': ', 1), 200)")
    op.alter_column("quarantine", "kind", nullable=False)
    form = sa.Column("form", sa.Text(), server_default=sa.text("'structured'"), nullable=False)
    op.add_column("quarantine", form)
    op.add_column("quarantine", sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("quarantine", sa.Column("settlement", sa.Text(), nullable=True))
    op.add_column("quarantine", sa.Column("settled_by", sa.Text(), nullable=True))
    op.create_index("ix_quarantine_kind", "quarantine", ["kind", "received_at", "id"], postgresql_where=OPEN)


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_quarantine_kind", table_name="quarantine", postgresql_where=OPEN)
    for column in ("settled_by", "settlement", "headers", "form", "kind"):
        op.drop_column("quarantine", column)
    op.drop_index("ix_long_jobs_recent", table_name="long_jobs")
    op.drop_index("ix_long_jobs_unfinished", table_name="long_jobs", postgresql_where=UNFINISHED)
    op.drop_table("long_jobs")
    op.drop_table("mapping_versions")
    op.drop_table("mappings")
