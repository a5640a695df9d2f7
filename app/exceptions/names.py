"""What people call channels, and orders and returns that are counted together (pure)."""

from collections.abc import Sequence

from app.web.filters import count

_CODE = 2  # letters up to which a word of an id is the code of a market: us, uk


def channel_name(channel: str) -> str:
    """Write a channel's id as its name: `shopify-us` is Shopify US."""
    words = [word for word in channel.replace("_", "-").split("-") if word]
    return " ".join(word.upper() if len(word) <= _CODE else word[:1].upper() + word[1:] for word in words)


def channels_phrase(channels: Sequence[str], most: int = 2) -> str:
    """Name a few channels, count many."""
    if len(channels) > most:
        return f"{len(channels)} channels"
    return ", ".join(channel_name(channel) or "no channel" for channel in channels)


def place_phrase(channels: Sequence[str], returns: int) -> str:
    """Say where a group is, and that it is one of returns."""
    return f"returns, {channels_phrase(channels)}" if returns else channels_phrase(channels)


def counted(both: int, returns: int = 0) -> str:
    """Count orders and returns in words, of both of them together: one order, 12 orders and one return."""
    orders = both - returns
    parts = [_many(orders, "order")] if orders or not returns else []
    return " and ".join([*parts, *([_many(returns, "return")] if returns else [])])


def _many(number: int, thing: str) -> str:
    return f"one {thing}" if number == 1 else f"{count(number)} {thing}s"
