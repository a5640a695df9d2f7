"""The migrations make exactly the tables that the models describe, in one line without branches."""

import ast

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

import app.models.alerts
import app.models.events
import app.models.exceptions
import app.models.journeys
import app.models.mappings
import app.models.metrics
import app.models.operations
import app.models.users
from app.core.migrate import alembic_config, migrate
from app.models.base import Base
from tests.sweeps.sources import files, read


# Alembic cannot compare an index expression that carries its operator class; that there is such an index it sees.
@pytest.mark.filterwarnings("ignore:Expression #1:UserWarning")
def test_models_equal_migrations(engine: Engine) -> None:
    with engine.connect() as connection:
        partitions = set(
            connection.scalars(text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"))
        )

        def is_ours(name: str | None, kind: str, _parents: object) -> bool:
            return not (kind == "table" and name in partitions | {"alembic_version"})

        options = {"compare_type": True, "compare_server_default": True, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_every_model_file_is_compared() -> None:
    modules = {path.stem for path in files(".py", under="app/models")} - {"__init__", "base"}
    assert modules <= vars(app.models).keys()


def test_migrations_are_one_line() -> None:
    script = ScriptDirectory.from_config(alembic_config(None))
    assert len(script.get_heads()) == 1
    assert all(not revision.is_merge_point for revision in script.walk_revisions())


def test_migrating_twice_changes_nothing(fresh_database: Engine) -> None:
    migrate(fresh_database)
    with fresh_database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_migrations_never_import_the_application() -> None:
    for path in files(".py", under="migrations/versions"):
        imported = [node for node in ast.walk(ast.parse(read(path))) if isinstance(node, ast.Import | ast.ImportFrom)]
        modules = {getattr(node, "module", None) or node.names[0].name for node in imported}
        assert {module for module in modules if module.split(".")[0] in ("app", "collectors", "alerts")} == set()
