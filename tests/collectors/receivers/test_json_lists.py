"""A list is known to be too long before its values are kept."""

import msgspec
import pytest

from collectors.receivers.json_lists import holds_more


@pytest.mark.parametrize(
    ("listed", "is_more"),
    [
        (b"[]", False),
        (b"[1,2,3]", False),
        (b"[1,2,3,4]", True),
        (b'[1,2,3,{"a":', True),  # it ends where the list is too long, whatever follows
        (b"[{},{},[],[]]", True),
        (b'["a,b,c,d", {"e":[1,2,3,4,5]}]', False),
        (b'[["\\",",",",",",","]]', False),
        (b'{"a":1,"b":2,"c":3,"d":4}', False),
        (b"null", False),
    ],
)
def test_only_the_values_of_the_list_itself_count(listed: bytes, is_more: bool) -> None:
    assert holds_more(listed, 3) is is_more
    assert holds_more(msgspec.Raw(listed), 3) is is_more


def test_broken_list_is_for_its_reader() -> None:
    with pytest.raises(msgspec.DecodeError):
        holds_more(b"[1,2,,,,3]", 3)
