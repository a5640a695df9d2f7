"""Exchange rates for sums: the converter of a time, and the starting rates of a new database."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import yaml
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.series.rates import Converter, load_converter, load_converters

__all__ = ["Converter", "load_converter", "load_converters", "seed_rates"]

SHIPPED = Path(__file__).resolve().parents[1] / "flows" / "rates.yaml"

_SEED = text("""
    INSERT INTO exchange_rates (currency, day, euros)
    SELECT currency, :day, euros
      FROM unnest(CAST(:currencies AS text[]), CAST(:euros AS numeric[])) AS r(currency, euros)
     WHERE NOT EXISTS (SELECT 1 FROM exchange_rates known WHERE known.currency = r.currency)
""")


def seed_rates(session: Session, path: Path = SHIPPED) -> None:
    """Give every currency that has no rate yet its starting one; rates that are there stay as they are."""
    day, rates = read_rates(path.read_text(encoding="utf-8"))
    session.execute(_SEED, {"day": day, "currencies": list(rates), "euros": list(rates.values())})


def read_rates(document: str) -> tuple[date, dict[str, Decimal]]:
    """Read the day and the euros that one unit of each currency is worth; rates are written as text."""
    content = yaml.safe_load(document)
    return content["day"], {currency: Decimal(euros) for currency, euros in content["euros"].items()}
