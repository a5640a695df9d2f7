"""Documents are read word for word, and whatever is wrong is named with line and field."""

import pytest
from pydantic import BaseModel, ConfigDict

from app.core.documents import DocumentError, document_lines, read_document


class Shop(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    codes: dict[str, str | int | bool | None] = {}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("10:00", "10:00"),
        ("0123", "0123"),
        ("2026-11-23", "2026-11-23"),
        ("=", "="),
        ("12", 12),
        ("true", True),
        ("~", None),
        ("'12'", "12"),
    ],
)
def test_a_word_means_what_it_says(written: str, meant: object) -> None:
    assert read_document(f"name: x\ncodes: {{a: {written}}}", Shop, "s").codes == {"a": meant}


def test_a_key_is_the_text_that_stands_there() -> None:
    codes = read_document("name: x\ncodes: {NO: 1, 0123: 2, true: 3, 1.50: 4}", Shop, "s").codes
    assert codes == {"NO": 1, "0123": 2, "true": 3, "1.50": 4}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "s:1: the document is empty"),
        ("name: x\nname: y", "s:2: name: stands twice"),
        ("name: x\ncodes: [", "s:2: not YAML: expected the node content, but found '<stream end>'"),
        ("name: &a x\ncodes: {b: *a}", "s:2: not YAML: aliases are not taken: write it out"),
        ("name: x\n\0", "s:2: not YAML: special characters are not allowed"),
        ("[" * 5000, "s:1: nested too deeply"),
        ("codes: {}", "s:1: name: Field required"),
        ("name: x\ntown: y", "s:2: town: Extra inputs are not permitted"),
        ("name:\n  - x", "s:1: name: Input should be a valid string"),
    ],
)
def test_faults_are_named_with_line_and_field(text: str, problem: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(text, Shop, "s")
    assert caught.value.problems == [problem]


def test_every_field_has_a_line() -> None:
    assert document_lines("a: 1\nb:\n  - c: 2\n", "s") == {(): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 0, "c"): 3}
