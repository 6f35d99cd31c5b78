"""Headings that nobody has listed are read by their forms, the words around them, and those that are like them."""

from __future__ import annotations

import pytest

from solmu.propose import mapping_document, propose
from solmu.propose.nearest import neighbourhood, vote
from solmu.propose.words import Meaning


def found(*header: str) -> dict[str, str | None]:
    return {column.name: column.field for column in propose(dict.fromkeys(header, ())).columns}


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        # In another form than the listed one:
        ("Postadressens postnummer", "organisation.postcode"),
        ("Käyntiosoitteen postinumero", "organisation.postcode"),
        ("Verkäufers E-Mail", "ignore"),
        # Cut short:
        ("Segm.", "organisation.segment"),
        ("Distrib.", "lead.partner"),
        # By its first or last word:
        ("Får vi höra av oss?", "consent.email"),
        ("Suostun, että minulle lähetetään tarjouksia", "consent.email"),
        ("Gespräch geführt von", "person.owner"),
        ("Träffades på plats den", "lead.on"),
        # The contrary of what it ends with:
        ("Do not allow e-mails", "person.opt_out"),
        ("Kein Newsletter bitte", "person.opt_out"),
        # Like others:
        ("Sähköpsti", "person.email"),
        ("Gewünschte Maschinentypen", "lead.interest"),
        # Like others only in a part that says nothing:
        ("Company mascot", None),
        ("Xyzzy", None),
    ],
)
def test_an_unlisted_heading_is_read_or_left_alone(heading: str, field: str | None) -> None:
    assert found("Firm", "First name", "Surname", heading)[heading] == field


def test_the_headings_most_alike_have_the_say() -> None:
    phone, email = (Meaning("any.phone", "en"),), (Meaning("any.email", "en"),)
    near = neighbourhood({"mobile phone": phone, "work phone": phone, "home phone": phone, "work email": email})
    said = vote("best phone", near)
    assert said is not None
    assert said.meaning.concept == "any.phone"
    assert said.share > 0.9
    exact = vote("work email", near)
    assert exact is not None
    assert exact.likeness == pytest.approx(1)
    assert vote("zzz", near) is None


def test_records_that_a_program_keeps_are_no_leads() -> None:
    kept = ("Id", "Name", "Company", "Email", "Created at", "Tags", "Notes")
    assert propose(dict.fromkeys(kept, ())).kind == "contact"
    # What is written of them describes them, and may name people.
    assert found(*kept)["Notes"] == "person.description"
    document = mapping_document(propose(dict.fromkeys(kept, ())))
    assert document["people_in_notes"]["from"] == "Notes"
    # The same beside what tells of leads, or in a file that is called so:
    assert propose(dict.fromkeys((*kept, "Interested in"), ())).kind == "lead"
    assert propose(dict.fromkeys(kept, ()), title="leads 2024").kind == "lead"


def test_a_code_in_a_list_of_customers_is_the_customers() -> None:
    assert found("Code", "Name", "VAT number")["Code"] == "organisation.customer_number"
    assert found("No.", "Company", "Contact", "Interested in")["No."] == "lead.number"


def test_a_result_is_of_a_talk_or_of_a_companys_year() -> None:
    assert found("Företag", "Datum", "Resultat")["Resultat"] == "lead.status"
    assert found("Företag", "Omsättning", "Resultat")["Resultat"] == "ignore"


def test_a_title_right_before_the_first_name_is_a_form_of_address() -> None:
    assert found("Company", "Title", "First name", "Last name")["Title"] == "person.title"
    assert found("Company", "First name", "Last name", "Title")["Title"] == "person.job_title"


def test_beside_a_companys_city_another_one_is_the_persons() -> None:
    assert found("First name", "Last name", "Company", "City", "Company city")["City"] == "person.city"
