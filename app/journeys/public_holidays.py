"""The public holidays of one country, without the modules of the 250 others (pure)."""

from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import holidays
from holidays.registry import COUNTRIES

_FOLDER = Path(holidays.__file__).parent / "countries"


@lru_cache(maxsize=16)
def public_holidays(country: str, subdivision: str | None = None) -> holidays.HolidayBase:
    """The days off of a country or a part of it; a year is worked out when it is first asked about."""
    module = next((module for module, names in COUNTRIES.items() if country in names), None)
    if module is None:
        raise ValueError(f"no public holidays are known for {country!r}: use an ISO 3166 code such as GB")
    # Importing it by its name would import its package, and that imports every country: 8 MiB for good.
    spec = spec_from_file_location(f"holidays_of_{module}", _FOLDER / f"{module}.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"no module for the holidays of {country!r}")
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    made: holidays.HolidayBase = getattr(loaded, country)(subdiv=subdivision)
    return made
