"""What reasons of refusals have in common: the part before the one message's own values (pure)."""

import re

LONGEST = 200
# The value that these name is what has to be mended, so it stays.
_TELLING = ("unknown ", "mapping ")
_VALUE = re.compile(r"'[^']*'|(?<=\[)\d+(?=\])|(?<!\S)[-+(]*\d\S*")


def kind_of(reason: str) -> str:
    """Cut a reason down to what it shares with others that the same change would mend."""
    head, _, rest = reason.partition(": ")
    if " " not in head and rest:
        # A path alone says where, not what.
        head = f"{head}: {rest.partition(': ')[0]}"
    return (head if head.startswith(_TELLING) else _VALUE.sub("…", head))[:LONGEST]
