"""Public holidays: those of the library, of one country at a time."""

import subprocess
import sys
from datetime import date, timedelta

import holidays
import pytest

from app.journeys.public_holidays import public_holidays


@pytest.mark.parametrize(
    ("country", "subdivision"),
    [("GB", None), ("GB", "SCT"), ("US", "CA"), ("DE", "BY"), ("JP", None), ("IN", "KA"), ("GU", None), ("HK", None)],
)
def test_days_off_are_those_of_the_library(country: str, subdivision: str | None) -> None:
    expected, ours = holidays.country_holidays(country, subdiv=subdivision), public_holidays(country, subdivision)
    days = [date(2024, 1, 1) + timedelta(days=day) for day in range(5 * 365)]
    assert [day for day in days if day in ours] == [day for day in days if day in expected] != []


def test_an_unknown_country_is_named() -> None:
    with pytest.raises(ValueError, match="no public holidays are known for 'XY'"):
        public_holidays("XY")


def test_one_country_brings_no_others() -> None:
    asked = (
        "import sys; from app.journeys.public_holidays import public_holidays; public_holidays('GB');"
        "print(sum(name.startswith('holidays') for name in sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert int(loaded.stdout) < 60
