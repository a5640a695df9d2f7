"""The newest migration, as Alembic sees it."""

from alembic.script import ScriptDirectory

from app.core.migrate import alembic_config
from app.core.schema import newest_schema


def test_the_newest_migration_is_the_one_that_alembic_ends_with() -> None:
    assert newest_schema() == ScriptDirectory.from_config(alembic_config(None)).get_current_head()
