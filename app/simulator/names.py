"""What each system calls an order: numbers in the shape of the real ones, without repeats (pure)."""

from datetime import UTC, datetime

from app.simulator.estate import Channel
from app.simulator.orders import Order

# Odd, and not a multiple of five: multiplying by it below a power of ten never gives the same number twice.
_SPREAD = 7_654_321_987
_AMAZON_PREFIX = {"GB": "026", "DE": "302"}


def name_order(order: Order) -> str:
    """The channel's own order id, the anchor of everything."""
    if order.channel.system == "amazon":
        digits = _spread(order.number, 14)
        return f"{_AMAZON_PREFIX[order.channel.country]}-{digits[:7]}-{digits[7:]}"
    if order.channel.system == "walmart":
        return f"2000{_spread(order.number, 11)}"
    return f"{order.channel.country}-{order.number}"


def name_in_channel(order: Order) -> dict[str, str]:
    """Other names that the channel itself has for the order."""
    if order.channel.system == "amazon":
        return {"amazon.order": name_order(order)}
    if order.channel.system == "walmart":
        return {"walmart.order": f"10{_spread(order.number + 1, 11)}"}
    return {"shopify.order": f"60{_spread(order.number, 11)}"}


def name_sales_order(order: Order) -> str:
    return f"{order.number}{order.channel.index}"


def name_fulfilment(order: Order) -> str:
    return f"IF{name_sales_order(order)}"


def name_invoice(order: Order) -> str:
    return f"INV{name_sales_order(order)}"


def name_parcel(order: Order) -> str:
    return f"{order.channel.country}{order.channel.index}{_spread(order.number, 12)}"


def name_return(order: Order) -> str:
    return f"R-{name_order(order)}"


def name_rma(order: Order) -> str:
    return f"RMA{name_sales_order(order)}"


def name_return_parcel(order: Order) -> str:
    return f"R{name_parcel(order)}"


def name_credit_memo(order: Order) -> str:
    return f"CM{name_sales_order(order)}"


def name_payout(channel: Channel, paid_at: float) -> str:
    return f"PO-{channel.code}-{datetime.fromtimestamp(paid_at, UTC):%Y%m%d-%H}"


def name_customer(order: Order) -> str:
    return f"{order.customer * _SPREAD % 16**10:010x}"


def _spread(number: int, digits: int) -> str:
    return f"{(number + 37) * _SPREAD % 10**digits:0{digits}d}"
