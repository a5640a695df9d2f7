"""Pages and their cursors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import PayloadError
from app.core.paging import cut_page, read_cursor, write_cursor


def test_one_row_more_than_the_page_means_there_is_another() -> None:
    page = cut_page([1, 2, 3], 2, lambda row: (str(row),))
    assert page.rows == (1, 2)
    assert page.after is not None
    assert read_cursor(page.after, 1) == ("2",)
    assert cut_page([1, 2], 2, lambda row: (str(row),)).after is None
    assert cut_page([], 2, lambda row: (str(row),)).after is None


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_a_cursor_survives_a_url(parts: list[str]) -> None:
    cursor = write_cursor(parts)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert read_cursor(cursor, len(parts)) == tuple(parts)


@pytest.mark.parametrize("cursor", ["", "%%%", "bm90IGpzb24", "é", write_cursor(["a", "b"]), "W251bGxd", "WzFd"])
def test_a_cursor_that_we_did_not_write_is_refused(cursor: str) -> None:
    with pytest.raises(PayloadError):
        read_cursor(cursor, 1)
