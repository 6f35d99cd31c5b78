"""Each transform of a target mapping, by what it makes of a canonical value."""

from __future__ import annotations

from typing import Any

import pycountry
import pytest

from solmu.mapping.outputs import OUTPUTS, is_blank
from solmu.normalise import country

CASES: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("first", {}, ["a", "b"], "a"),
    ("first", {}, ["", "b"], "b"),
    ("first", {}, "a", "a"),
    ("join", {}, ["Laser", "Plasma"], "Laser, Plasma"),
    ("join", {"separator": ";"}, ["a", "b"], "a;b"),
    ("upper", {}, "Kotka", "KOTKA"),
    ("lower", {}, "Kotka", "kotka"),
    ("truncate", {"length": "10"}, "Kotka Kone", "Kotka Kone"),
    ("truncate", {"length": "10"}, "Kotka Koneet Oy", "Kotka Kon…"),
    ("truncate", {"length": "15"}, "Suomen Konepajat Oy", "Suomen Konepaj…"),
    ("truncate", {"length": "18"}, "Kotkan Konepaja ja muut", "Kotkan Konepaja…"),
    ("url", {}, "www.kotka.fi", "https://www.kotka.fi"),
    ("url", {}, "http://kotka.fi", "http://kotka.fi"),
    ("country_name", {}, "FI", "Finland"),
    ("country_name", {"language": "fi"}, "FI", "Suomi"),
    ("country_name", {}, "??", "??"),
    ("language_name", {}, "fi", "Finnish"),
    ("language_name", {"language": "sv"}, "fi", "finska"),
    ("choice", {"values": {"active": "Active"}}, "active", "Active"),
    ("choice", {"values": {"active": "Active"}}, "paused", None),
    ("choice", {"values": {"active": "Active"}, "other": "keep"}, "paused", "paused"),
    ("choice", {"values": {"true": "Key account"}}, True, "Key account"),
    ("choice", {"values": {"b": "B"}}, ["a", "b"], "B"),
    ("stage", {"values": {"proposal": "Quote"}}, "Angebot", "Quote"),
    ("stage", {"values": {"proposal": "Quote"}}, "PROPOSAL", "Quote"),
    ("stage", {"values": {"proposal": "Quote"}}, "Demo", None),
    ("stage", {"values": {"proposal": "Quote", "Vorführung": "Demo", "Offerte": "Demo"}}, "vorführung", "Demo"),
    ("stage", {"values": {"proposal": "Quote", "tarjous": "Demo"}}, "Tarjous", "Demo"),
    ("number", {}, "12", 12),
    ("number", {}, "12.5", 12.5),
    ("date", {}, "2024-04-03", "2024-04-03"),
    ("date", {"format": "%d.%m.%Y"}, "2024-04-03", "03.04.2024"),
    ("negate", {}, True, False),
    ("personal", {}, ["info@kotka.example", "aino.salo@kotka.example"], "aino.salo@kotka.example"),
    ("personal", {}, ["laskutus@kotka.example"], "laskutus@kotka.example"),
    ("e164", {}, ["+35851234567;ext=12", "+358401234567"], "+35851234567"),
    ("mobile", {}, ["+35851234567", "+358401234567"], "+358401234567"),
    ("mobile", {}, ["+35851234567"], None),
    ("landline", {}, ["+358401234567", "+35851234567;ext=12"], "+35851234567 x12"),
    ("landline", {}, ["+358401234567"], None),
    ("dialled", {}, ["+35851234567;ext=12"], "+35851234567 x12"),
]


@pytest.mark.parametrize(("name", "options", "value", "made"), CASES)
def test_an_output_transform_makes_what_the_target_takes(
    name: str, options: dict[str, Any], value: Any, made: Any
) -> None:
    assert OUTPUTS[name].build(options)(value) == made


def test_the_list_is_closed_and_every_transform_and_option_is_tried_and_explained() -> None:
    tried = {(name, option) for name, options, *_ in CASES for option in options}

    assert {name for name, *_ in CASES} == set(OUTPUTS)
    for output in OUTPUTS.values():
        assert output.purpose.endswith(".") or output.purpose.endswith('".')
        assert all(option.purpose and (output.name, option.name) in tried for option in output.options.values())


def test_every_country_name_that_is_pushed_is_understood_when_it_comes_back() -> None:
    name = OUTPUTS["country_name"].build({})
    codes = [each.alpha_2 for each in pycountry.countries]

    assert [code for code in codes if country(name(code)) != code] == []


@pytest.mark.parametrize(("name", "options"), [("truncate", {"length": "1"}), ("country_name", {"language": "xx"})])
def test_an_option_that_makes_no_sense_is_refused(name: str, options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        OUTPUTS[name].build(options)


def test_false_and_zero_say_something() -> None:
    assert not is_blank(False)
    assert not is_blank(0)
    blank: list[object] = [None, "", [], {}]
    assert all(map(is_blank, blank))
