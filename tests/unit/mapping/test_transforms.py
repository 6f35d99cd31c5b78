"""Each transform of a source mapping, by what it makes of a cell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from solmu.mapping.transform import default_transform
from solmu.mapping.transforms import TRANSFORMS, plain_number
from solmu.model import FIELDS, HANGING_FIELDS, Entity
from solmu.normalise import Invalid

VOCABULARY = {"Laser": ["laserit", "laser cutter"], "Plasma": []}

Options = dict[str, Any]
GOOD: list[tuple[str, Options, str, Any]] = [
    ("text", {}, "  Kotka \t Kone ", "Kotka Kone"),
    ("text", {}, "n/a", None),
    ("lines", {}, " one \r\n\r\n two  words \n", "one\n\ntwo words"),
    ("lines", {}, "one  line", "one line"),
    ("lines", {}, "-\n-", None),
    ("split", {}, "Laser; plasma ;Laser\nsaw", ("Laser", "plasma", "saw")),
    ("split", {"separators": "/"}, "a/b;c", ("a", "b;c")),
    ("choice", {"values": {"Aktiivinen": "active", "Tauolla": "paused"}}, "aktiivinen ", "active"),
    ("choice", {"values": {"-": "none"}}, "-", "none"),
    ("choice", {"values": {"A": "active"}}, "n/a", None),
    ("choice", {"values": {"A": "active"}, "other": "keep"}, "B", "B"),
    ("terms", {"vocabulary": VOCABULARY}, "laserit, plasma", ("Laser", "Plasma")),
    ("organisation_name", {}, "Oy Kotka Kone Ab", (("name", "Oy Kotka Kone Ab"), ("legal_form", "oy"))),
    ("organisation_name", {}, "Kotka Kone", (("name", "Kotka Kone"),)),
    (
        "person_name",
        {},
        "Aino Salo",
        (("name", "Aino Salo"), ("given_name", "Aino"), ("family_name", "Salo")),
    ),
    (
        "person_name",
        {"order": "family-first"},
        "Salo Aino",
        (("name", "Aino Salo"), ("given_name", "Aino"), ("family_name", "Salo")),
    ),
    (
        "person_name",
        {},
        "Eino Salo Jr., MBA",
        (("name", "Eino Salo Jr."), ("given_name", "Eino"), ("family_name", "Salo Jr.")),
    ),
    ("email", {}, "Aino.Salo@KOTKA.example; info@kotka.example", ("Aino.Salo@kotka.example", "info@kotka.example")),
    ("phone", {}, "+358 40 123 4567", ("+358401234567",)),
    ("phone", {"region": "FI"}, "040 123 4567, 05 123 4567 ext 12", ("+358401234567", "+35851234567;ext=12")),
    ("domain", {}, "https://www.kotka.fi/en", "kotka.fi"),
    ("domain", {}, "aino@gmail.com", None),
    ("country", {}, "Suomi", "FI"),
    ("postcode", {"country": "FI"}, "100", "00100"),
    ("postcode", {}, "sw1a 1aa", "SW1A 1AA"),
    ("business_id", {"country": "FI"}, "1234567-1", "FI:12345671"),
    ("language", {}, "Finnish", "fi"),
    ("currency", {}, "€", "EUR"),
    ("date", {"order": "dmy"}, "3.4.2024", "2024-04-03"),
    ("date", {}, "2024-04-03T10:00:00Z", "2024-04-03"),
    ("timestamp", {}, "2024-04-03 10:00", datetime(2024, 4, 3, 10, tzinfo=UTC)),
    ("timestamp", {"timezone": "Europe/Helsinki"}, "2024-07-01", datetime(2024, 6, 30, 21, tzinfo=UTC)),
    ("timestamp", {"order": "mdy"}, "4/3/2024", datetime(2024, 4, 3, tzinfo=UTC)),
    ("number", {}, "1 234,50 €", "1234.5"),
    ("number", {"decimal": ","}, "1.234", "1234"),
    ("flag", {}, "Kyllä", True),
    ("flag", {}, "0", False),
    ("flag", {}, "-", None),
    ("flag", {"negate": True}, "true", False),
    ("flag", {"true": ["A", "Key account"]}, "key account", True),
    ("flag", {"true": ["A", "Key account"]}, "B", False),
    ("flag", {"false": ["no way"]}, "anything", True),
    ("flag", {"true": ["+"]}, "+", True),
]
BAD: list[tuple[str, Options, str, str]] = [
    ("choice", {"values": {"A": "active"}}, "B", "not-a-choice"),
    ("terms", {"vocabulary": VOCABULARY}, "toaster", "unknown-term"),
    ("organisation_name", {}, "aino@kotka.example", "not-an-organisation-name"),
    ("person_name", {}, "Aino & Eino", "more-than-one-person"),
    ("email", {}, "not an address", "not-an-email"),
    ("phone", {}, "040 123 4567", "phone-without-country"),
    ("domain", {}, "no domain", "not-a-domain"),
    ("country", {}, "Baltic", "not-a-country"),
    ("postcode", {"country": "FI"}, "12", "postcode-format"),
    ("business_id", {"country": "FI"}, "1234567-2", "business-id-checksum"),
    ("language", {}, "Gibberish", "unknown-language"),
    ("currency", {}, "$", "ambiguous-currency"),
    ("date", {}, "3.4.2024", "ambiguous-date"),
    ("timestamp", {}, "soon", "not-a-date"),
    ("number", {}, "1.234", "ambiguous-amount"),
    ("flag", {}, "perhaps", "not-a-flag"),
    ("flag", {"true": ["A"], "false": ["B"]}, "C", "not-a-flag"),
]


def made(name: str, options: Options, text: str) -> Any:
    transform = TRANSFORMS[name]
    fixed = {key: value for key, value in options.items() if key != transform.row_option}
    apply = transform.build(fixed)
    row_option = options.get(transform.row_option or "")
    return apply(text) if row_option is None else apply(text, row_option)


@pytest.mark.parametrize(("name", "options", "text", "value"), GOOD)
def test_a_transform_makes_a_value(name: str, options: Options, text: str, value: Any) -> None:
    assert made(name, options, text) == value


@pytest.mark.parametrize(("name", "options", "text", "code"), BAD)
def test_a_transform_refuses_what_makes_no_sense(name: str, options: Options, text: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        made(name, options, text)

    assert caught.value.code == code
    assert caught.value.expected


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_passes_over_blank_text(name: str) -> None:
    needed = {"choice": {"values": {"A": "a"}}, "terms": {"vocabulary": VOCABULARY}}

    assert made(name, needed.get(name, {}), " ") in (None, ())


def test_the_list_is_closed_and_every_transform_and_option_is_tried_and_explained() -> None:
    tried = {(name, option) for name, options, *_ in [*GOOD, *BAD] for option in options}

    assert {name for name, *_ in GOOD} == set(TRANSFORMS)
    for transform in TRANSFORMS.values():
        assert transform.purpose.endswith(".")
        for option in transform.options.values():
            assert option.purpose
            assert (transform.name, option.name) in tried


def test_every_canonical_field_has_a_default_transform_that_fits() -> None:
    fields = [(entity, field) for entity in Entity for field in FIELDS[entity].values()]
    fields += [(None, field) for each in HANGING_FIELDS.values() for field in each.values()]  # type: ignore[misc]

    for entity, field in fields:
        assert field.kind in TRANSFORMS[default_transform(field, entity)].kinds


@pytest.mark.parametrize(
    ("number", "text"), [(12.50, "12.5"), (1000, "1000"), (1e21, "1000000000000000000000"), (0.1, "0.1"), (-3.0, "-3")]
)
def test_a_number_is_written_in_one_way(number: float, text: str) -> None:
    assert plain_number(number) == text


def test_a_zone_that_does_not_exist_is_refused_before_any_row_is_read() -> None:
    with pytest.raises(Invalid, match="time zone is unknown"):
        TRANSFORMS["timestamp"].build({"timezone": "Mars/Olympus"})


@pytest.mark.parametrize(
    ("number", "day"), [(45292, "2024-01-01"), (45293.5, "2024-01-02"), (2024, None), (20240403, None)]
)
def test_a_day_that_has_lost_its_form_in_a_workbook_is_one_still(number: float, day: str | None) -> None:
    read, stamped = TRANSFORMS["date"].numbers, TRANSFORMS["timestamp"].numbers
    assert read is not None
    assert stamped is not None
    assert read(number) == day
    assert (stamped(number) is None) is (day is None)
