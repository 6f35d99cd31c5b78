"""People in free text. All of them are synthetic."""

import pytest

from solmu.normalise import people_in_notes

Found = tuple[str, str | None, str | None, str | None]


def found_in(text: str | None) -> list[Found]:
    return [
        (
            person.name.full,
            person.email.address if person.email else None,
            person.phone.e164 if person.phone else None,
            person.role,
        )
        for person in people_in_notes(text, "FI")
    ]


MATTI, ANNA = "Matti Virtanen", "Anna Rossi"
NUMBER, OTHER_NUMBER = "+358401234567", "+358501234567"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (
            "Contact: Matti Virtanen, 040 1234567, matti@example.fi; sales Anna Rossi anna@example.it",
            [(MATTI, "matti@example.fi", NUMBER, None), (ANNA, "anna@example.it", None, "sales")],
        ),
        ("Yhteyshenkilö Matti Virtanen puh. 040 1234567", [(MATTI, None, NUMBER, None)]),
        ("Called Matti Virtanen 040 1234567, he will visit Turku", [(MATTI, None, NUMBER, None)]),
        (
            "Matti Virtanen (toimitusjohtaja) 040 1234567, Anna Rossi (osto) 050 1234567",
            [(MATTI, None, NUMBER, "toimitusjohtaja"), (ANNA, None, OTHER_NUMBER, "osto")],
        ),
        ("anna.rossi@example.it (Anna Rossi)", [(ANNA, "anna.rossi@example.it", None, None)]),
        (
            "Referente sig. Mario Neri cell. +39 348 1234567\nufficio acquisti: Anna Rossi, anna.rossi@example.it",
            [("Mario Neri", None, "+393481234567", None), (ANNA, "anna.rossi@example.it", None, "ufficio acquisti")],
        ),
        (
            "Hans von der Berg, Geschäftsführer, h.berg@example.de",
            [("Hans von der Berg", "h.berg@example.de", None, "Geschäftsführer")],
        ),
        (
            "Matti Virtanen 040 1234567 / Anna Rossi 050 1234567",
            [(MATTI, None, NUMBER, None), (ANNA, None, OTHER_NUMBER, None)],
        ),
        ("PÄÄKONTTORI: MATTI VIRTANEN 040 1234567", [(MATTI, None, NUMBER, None)]),
        ("Matti Virtanen 040 1234567\nMatti Virtanen matti@example.fi", [(MATTI, "matti@example.fi", NUMBER, None)]),
        ("Contact: Matti Virtanen info@example.fi", [(MATTI, "info@example.fi", None, None)]),
    ],
)
def test_people_beside_an_address_or_a_number_are_found(text: str, people: list[Found]) -> None:
    assert found_in(text) == people


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "Nothing to see here.",
        "Meeting on Monday with Anna Rossi",
        "Acme Trading info@example.fi",
        "Koneistamo Virtanen Oy 040 1234567",
        "matti virtanen 040 1234567",
        "Tampere Office 040 1234567",
        "Anna Rossi was here, and much later somebody else wrote down the number 040 1234567",
        "Matti Virtanen\nmatti@example.fi",
    ],
)
def test_what_only_looks_like_a_person_is_left_alone(text: str | None) -> None:
    assert found_in(text) == []


def test_an_address_belongs_to_the_person_whom_it_spells() -> None:
    text = "Matti Virtanen and Anna Rossi: matti.virtanen@example.fi, anna.rossi@example.it"
    assert [(name, address) for name, address, _, _ in found_in(text)] == [
        (MATTI, "matti.virtanen@example.fi"),
        (ANNA, "anna.rossi@example.it"),
    ]
