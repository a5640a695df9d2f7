"""Three hundred products, a few of which sell far better than the rest."""

from collections import Counter
from random import Random

from app.simulator.products import POISON_SKU, build_assortment


def test_three_hundred_skus_priced_in_every_currency() -> None:
    products = build_assortment(Random(3)).products
    assert len({product.sku for product in products}) == len(products) == 300
    for product in products:
        assert set(product.price_minor) == {"USD", "GBP", "EUR"}
        assert product.price_minor["USD"] > product.price_minor["GBP"] > 100
        assert all(price % 100 in {50, 99} for price in product.price_minor.values())


def test_a_few_top_sellers_make_much_of_the_trade() -> None:
    rng = Random(3)
    sold = Counter(product.sku for product in build_assortment(rng).pick(rng, 20_000))
    top = sum(count for _, count in sold.most_common(15))
    assert 0.25 < top / 20_000 < 0.6
    assert sold[POISON_SKU] > 500
