"""What the simulated retailer sells: 300 invented products, a few of them top sellers (pure)."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random

POISON_SKU = "WB-CANDLE-SET-3"

_BUNDLES = [
    "CANDLE-SET-3",
    "CANDLE-SET-6",
    "HAMPER-COSY",
    "HAMPER-TEA",
    "LIGHTS-WARM",
    "LIGHTS-BERRY",
    "STOCKING-KNIT",
    "WREATH-FIR",
    "WREATH-EUCALYPT",
    "CRACKERS-12",
]
_SHADES = ["OAT", "SLATE", "MOSS", "RUST", "INK", "CHALK", "SAGE", "PLUM", "SAND", "COAL"]
# Name of the article and what it costs in whole US dollars.
_ARTICLES = {
    "THROW": 89, "MUG": 14, "VASE": 36, "LAMP": 119, "RUG": 189, "CUSHION": 32, "BOWL": 22, "PLATE": 18, "TOWEL": 26,
    "SHEET": 74, "DUVET": 139, "KETTLE": 64, "TRAY": 29, "MIRROR": 149, "CLOCK": 54, "STOOL": 98, "BASKET": 34,
    "BLANKET": 69, "APRON": 28, "JUG": 31, "GLASS": 12, "TEAPOT": 42, "FRAME": 24, "HOOK": 16, "SHELF": 79,
    "PLANTER": 38, "DIFFUSER": 27, "BATHMAT": 33, "CURTAIN": 92,
}  # fmt: skip
_RATES = {"USD": 1.0, "GBP": 0.79, "EUR": 0.92}


@dataclass(frozen=True, slots=True)
class Product:
    """One SKU with its price in minor units of each currency."""

    sku: str
    price_minor: dict[str, int]


@dataclass(frozen=True, slots=True)
class Assortment:
    """Products, best seller first, with their running weights, so that one draw picks by popularity."""

    products: tuple[Product, ...]
    running_weights: tuple[float, ...]

    def pick(self, rng: Random, count: int) -> list[Product]:
        return rng.choices(self.products, cum_weights=self.running_weights, k=count)


def build_assortment(rng: Random) -> Assortment:
    """Put the articles into a seeded order of popularity; the winter bundles sell well, as they do in November."""
    articles = [_price(f"{name}-{shade}", usd, rng) for name, usd in _ARTICLES.items() for shade in _SHADES]
    bundles = [_price(f"WB-{name}", 64, rng) for name in _BUNDLES]
    rng.shuffle(articles)
    for rank, bundle in enumerate(bundles):
        articles.insert(9 * rank, bundle)
    weights = accumulate(1 / (rank + 3) ** 0.9 for rank in range(len(articles)))
    return Assortment(tuple(articles), tuple(weights))


def _price(sku: str, usd: int, rng: Random) -> Product:
    """Prices end in 50 or 99 and differ a little by shade, as price lists do."""
    base = usd * rng.uniform(0.85, 1.2)
    ending = 99 if rng.random() < 0.7 else 50
    return Product(sku, {currency: max(int(base * rate), 2) * 100 + ending for currency, rate in _RATES.items()})
