"""The tower judges itself, and payloads are shown readable or masked."""

from datetime import datetime, timedelta

import pytest

from app.admin.rules import inbox_level, masked, readable, worker_level
from tests.builders import NOW


@pytest.mark.parametrize(
    ("marked", "level"),
    [([], "unknown"), ([NOW - timedelta(seconds=61)], "act"), ([NOW - timedelta(hours=1), NOW], "ok")],
)
def test_worker_is_judged_by_its_latest_mark(marked: list[datetime], level: str) -> None:
    assert worker_level(marked, NOW).level == level


@pytest.mark.parametrize(
    ("oldest_at", "waiting", "word"),
    [
        (None, 0, "Empty"),
        (NOW - timedelta(seconds=5), 10, "Keeps up"),
        (NOW - timedelta(seconds=31), 10, "Behind"),
        (NOW - timedelta(seconds=5), 101, "Full"),
    ],
)
def test_inbox_is_judged_by_age_and_length(oldest_at: datetime | None, waiting: int, word: str) -> None:
    assert inbox_level(oldest_at, 100, waiting, NOW).word == word


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"a":"\xc3\xbc"}', '{"a":"ü"}'),
        (b"\xff\x00\x1b[31mred", "\\xff\\x00\\x1b[31mred"),
        (b"", ""),
        ("a\u202eb".encode(), "a\\x202eb"),
    ],
)
def test_any_bytes_are_readable(body: bytes, text: str) -> None:
    assert readable(body) == text


def test_long_payloads_are_cut_and_say_so() -> None:
    assert readable(b"x" * 25_000).endswith("\n… 5,000 bytes more")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"customer":"Ann Lee","n":[1,22]}', '{"customer":"xxx xxx","n":[0,00]}'),
        ('{"note":"say \\"hi\\": 1"}', '{"note":"xxx \\"xx\\": 0"}'),
        ("Ann, not JSON", "xxx, xxx xxxx"),
    ],
)
def test_masking_keeps_names_and_shape(text: str, shown: str) -> None:
    assert masked(text) == shown
