"""Tells how long a JSON list is before its values are kept, for each of them costs memory, however short (pure)."""

from functools import lru_cache
from typing import Annotated, Any

import msgspec

_PIECE = 64 * 1024  # what is counted at a time: a copy of all of it would cost its size
# No value is of this kind, so that it ends the reading where it begins.
_Impossible = Annotated[int, msgspec.Meta(gt=0, lt=0)]


def holds_more(listed: bytes | msgspec.Raw, most: int) -> bool:
    """Say whether a list holds more than `most` values; what is no list is for its reader to refuse."""
    # There is a comma between two values: only where there are many is it worth telling whose they are.
    view = memoryview(listed)
    if (
        view.nbytes <= most
        or sum(bytes(view[at : at + _PIECE]).count(b",") for at in range(0, len(view), _PIECE)) < most
    ):
        return False
    try:
        _decoder(most).decode(listed)
    except msgspec.ValidationError as error:
        return str(error).endswith(f"`$[{most}]`")
    return False


@lru_cache(maxsize=8)
def _decoder(most: int) -> msgspec.json.Decoder[Any]:
    kinds: Any = (*((msgspec.Raw,) * most), _Impossible)
    return msgspec.json.Decoder(tuple[kinds])
