"""What people call channels (pure)."""

from collections.abc import Sequence

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
