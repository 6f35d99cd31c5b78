"""A template makes one text of several values."""

from __future__ import annotations

import pytest

from solmu.mapping.template import TemplateError, template


def test_values_are_filled_in_lists_with_commas() -> None:
    compiled = template("Interested in {interest}; via {partner}, {custom.tags[0]|upper}")

    assert compiled.names == ("interest", "partner", "custom.tags")
    text = compiled.fill({"interest": ["Laser", "Plasma"], "partner": "Oy Kone", "custom.tags": ["quiz"]})
    assert text == "Interested in Laser, Plasma; via Oy Kone, QUIZ"


def test_a_part_in_brackets_is_left_out_if_a_value_in_it_is_blank() -> None:
    compiled = template("Lead[ {number}][ from {partner}][: {interest|join}]")

    assert compiled.fill({"number": "7", "interest": ["Laser"]}) == "Lead 7: Laser"
    assert compiled.fill({"number": "7", "partner": "", "interest": []}) == "Lead 7"


def test_without_any_value_there_is_no_text() -> None:
    assert template("Lead[ {number}]").fill({"number": None}) is None
    assert template("Call {name} back").fill({}) is None


def test_a_blank_value_outside_of_brackets_is_just_not_there() -> None:
    assert template("{a}, {b}").fill({"a": "x"}) == "x,"


def test_doubled_signs_stand_for_themselves() -> None:
    assert template("[[{a}]] {{b}}").fill({"a": "x"}) == "[x] {b}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Lead {number", "stands alone"),
        ("Lead number}", "stands alone"),
        ("[a {x}", "never closed"),
        ("a {x}]", "do not pair"),
        ("[a [b {x}]]", "do not pair"),
        ("{x|shout}", "unknown transform `shout`"),
        ("{x|truncate}", "unknown transform `truncate`"),
        ("{a b}", "is no path"),
        ("fixed", "no value stands in this template"),
    ],
)
def test_what_is_no_template_is_told(text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message) as caught:
        template(text)

    assert caught.value.expected
