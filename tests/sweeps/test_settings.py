"""Every setting works without being set, says what it is for, and stands in docs/settings.md."""

import re
from pathlib import Path

from pydantic import SecretStr

from app.settings import Settings
from tests.sweeps.sources import read

ROW = re.compile(r"^\| `PHAROS_(\w+)` \| (.*?) \| (.*) \|$", re.MULTILINE)


def default_of(name: str) -> str:
    """Write a default as the page does: empty is a dash."""
    value = Settings.model_fields[name].default
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return "–" if plain in (None, "") else f"`{plain}`"


def test_every_setting_has_a_default_and_a_description() -> None:
    for name, field in Settings.model_fields.items():
        assert not field.is_required(), name
        assert field.description, name
        assert field.description.endswith("."), name


def test_page_lists_every_setting_as_it_is() -> None:
    listed = {name.lower(): (default, words) for name, default, words in ROW.findall(read(Path("docs/settings.md")))}
    described = {name: (default_of(name), field.description or "") for name, field in Settings.model_fields.items()}
    assert listed == described
