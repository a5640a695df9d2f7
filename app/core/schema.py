"""Which migration this release ends with, read off the files: Alembic would stay in every web process, with 7 MiB."""

import re
from functools import lru_cache
from pathlib import Path

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
_NAMED = re.compile(r'^(?P<what>revision|down_revision) = "(?P<name>\w+)"$', re.MULTILINE)


@lru_cache
def newest_schema() -> str:
    """Name the migration that no other one follows."""
    named = [found for path in VERSIONS.glob("*.py") for found in _NAMED.finditer(path.read_text("utf-8"))]
    names = {
        what: {found["name"] for found in named if found["what"] == what} for what in ("revision", "down_revision")
    }
    (newest,) = names["revision"] - names["down_revision"]
    return newest
