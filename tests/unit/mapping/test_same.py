"""What a target holds already, in its own spelling, is not pushed again."""

from __future__ import annotations

from typing import Any

import pytest

from solmu.mapping.same import same


@pytest.mark.parametrize(
    ("kind", "wanted", "held", "alike"),
    [
        ("phone", "+358401234567", "040 123 4567", True),
        ("phone", "+358401234567", "+358 (0)40-1234567", True),
        ("phone", "+35851234567 x12", "05 123 4567 ext. 12", True),
        ("phone", "+35851234567 x12", "05 123 4567", False),
        ("phone", "+358401234567", "040 765 4321", False),
        ("phone", "+358401234567", "call the switchboard", False),
        ("country", "Finland", "Suomi", True),
        ("country", "Finland", "Sweden", False),
        ("email", "aino@kotka.example", "Aino@Kotka.example", True),
        ("number", 12, "12.0", True),
        ("number", 12.5, 12.50, True),
        ("date", "2024-04-03", "2024-04-03T00:00:00.000+0000", True),
        ("flag", True, "true", True),
        ("flag", False, None, False),
        ("url", "www.kotka.fi", "https://www.kotka.fi/", True),
        ("url", "kotka.fi", "kotka.se", False),
        ("text", "one\ntwo", "one\r\ntwo ", True),
        ("text", "Kotka Kone", "KOTKA KONE", False),
        ("text", None, "", True),
        ("text", "x", None, False),
    ],
)
def test_values_are_compared_by_what_they_mean(kind: str, wanted: Any, held: Any, alike: bool) -> None:
    assert same(kind, wanted, held) is alike
