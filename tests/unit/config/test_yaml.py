"""YAML comes in as plain values, and every key knows its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from solmu.config.yaml import load, parse
from solmu.errors import ConfigurationError


def test_norway_is_a_country_and_a_leading_zero_stays() -> None:
    data, _ = parse(
        "{country: NO, phone: 0401234567, day: 2024-04-03, off: off, count: 12, share: 0.5, octal: 0o17}", "x"
    )

    assert data == {
        "country": "NO",
        "phone": "0401234567",
        "day": "2024-04-03",
        "off": "off",
        "count": 12,
        "share": 0.5,
        "octal": "0o17",
    }


def test_every_key_is_text() -> None:
    data, _ = parse("{true: [A], 1: one, null: nothing, on: 2024-01-01}", "x")

    assert list(data) == ["true", "1", "null", "on"]


def test_blank_true_and_quoted_values() -> None:
    data, _ = parse("{a: null, b: , c: true, d: 'true', e: '12', f: ~}", "x")

    assert data == {"a": None, "b": None, "c": True, "d": "true", "e": "12", "f": None}


def test_every_key_and_item_knows_its_line() -> None:
    _, lines = parse("a:\n  b:\n    - x\n    - y: {z: 1}\n", "x")

    assert lines.of(("a",)) == 1
    assert lines.of(("a", "b")) == 2
    assert lines.of(("a", "b", 1)) == 4
    assert lines.of(("a", "b", 1, "y", "z")) == 4


def test_a_key_that_is_not_there_has_the_line_of_its_block() -> None:
    _, lines = parse("a:\n  b: 1\nc: 2\n", "x")

    assert lines.of(("a", "missing", "deeper")) == 1
    assert lines.of(("elsewhere",)) == 1


def test_an_empty_file_is_an_empty_block(tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text("# nothing yet\n")

    assert load(path)[0] == {}


def test_anchors_and_merges_are_resolved() -> None:
    data, _ = parse("base: &base {a: 1, b: 2}\nmore: {<<: *base, b: 3}\nsame: *base\n", "x")

    assert data["more"] == {"a": 1, "b": 3}
    assert data["same"] == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: [1, 2\n", 3, "is not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, "`a` stands here a second time"),
        ("a: 1\nb: !include x\n", 2, "the tag !include means nothing here"),
        ("a: 1\n[b, c]: 2\n", 2, "a key must be plain text"),
        ("a: &a\n  b: *a\n", 2, "this alias stands inside of what it names"),
        ("a: 1\n---\nb: 2\n", 2, "is not valid YAML"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(text, "hub.yaml")

    assert caught.value.file == "hub.yaml"
    assert caught.value.line == line
    assert message in caught.value.message


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.yaml.*no such file"):
        load(tmp_path / "gone.yaml")

    (tmp_path / "latin.yaml").write_bytes("name: Ärjä\n".encode("cp1252"))
    with pytest.raises(ConfigurationError, match="it is not UTF-8"):
        load(tmp_path / "latin.yaml")
