"""A proposal says what each column most likely is, from its heading, its neighbours and its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from solmu.config.yaml import Lines
from solmu.errors import Skippable
from solmu.exchange import cell_error
from solmu.mapping.source import source_mapping
from solmu.model import FIELDS, HANGING_FIELDS, Entity, Hanging
from solmu.propose import LEAST, Proposal, mapping_document, propose
from solmu.propose.words import squash, words


def of_header(*columns: str, **values: Sequence[Any]) -> Proposal:
    return propose({column: values.get(column, ()) for column in columns})


def fields(proposal: Proposal) -> dict[str, str | None]:
    return {column.name: column.field for column in proposal.columns}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Company;Contact person;E-mail", "o.name p.name p.email"),
        ("Yritys;Y-tunnus;Yhteyshenkilö;Puh.", "o.name o.business_id p.name p.phone"),
        ("Företag;Org.nr;Förnamn;Efternamn", "o.name o.business_id p.given_name p.family_name"),
        ("Ragione sociale;P. IVA;Referente;Città", "o.name o.business_id p.name o.city"),
        ("Firma;Vorname;Name;PLZ;Ort", "o.name p.given_name p.family_name o.postcode o.city"),
        ("FirstName;LastName;Account.Name;MailingCity", "p.given_name p.family_name o.name o.city"),
        ("Last Name;Home Street;Business Street;Company", "p.family_name p.street o.street o.name"),
        ("Company;Compnay phone;Contact's e-mail (required)", "o.name o.phone p.email"),
    ],
)
def test_headings_of_five_languages_and_of_products_are_known(header: str, expected: str) -> None:
    owners = {"o": "organisation", "p": "person"}
    found = [f"{owners[owner]}.{name}" for owner, _, name in (each.partition(".") for each in expected.split())]
    assert list(fields(of_header(*header.split(";"))).values()) == found


def test_whose_name_it_is_the_other_columns_tell() -> None:
    assert fields(of_header("Name", "Company"))["Name"] == "person.name"
    assert fields(of_header("Name", "VAT number"))["Name"] == "organisation.name"
    assert fields(of_header("Nome", "Cognome"))["Nome"] == "person.given_name"
    by_values = propose({"Name": ["Kotka Kone Oy", "Suomen Sorvi Oy"], "E-mail": []})
    assert fields(by_values)["Name"] == "organisation.name"


def test_whose_address_it_is_the_other_columns_tell() -> None:
    assert fields(of_header("Company", "Contact", "Phone", "City")) == {
        "Company": "organisation.name",
        "Contact": "person.name",
        "Phone": "person.phone",
        "City": "organisation.city",
    }
    assert fields(of_header("Company", "Phone"))["Phone"] == "organisation.phone"
    assert fields(of_header("First name", "City"))["City"] == "person.city"


def test_values_tell_where_a_heading_does_not() -> None:
    proposal = propose(
        {
            "A": ["Kotka Kone Oy", "Suomen Sorvi Oy"],
            "B": ["aino@kotkakone.example", "eero@sorvi.example"],
            "C": ["+358 40 1234567", "040-7654321"],
            "D": ["x", "y"],
        }
    )
    assert fields(proposal) == {
        "A": "organisation.name",
        "B": "organisation.email",
        "C": "organisation.phone",
        "D": None,
    }
    assert all(column.confidence < 0.9 for column in proposal.columns)


def test_values_that_deny_a_heading_outweigh_it() -> None:
    proposal = propose({"Company": ["A Oy", "B Oy"], "E-mail": ["yes", "no"], "Phone": ["red", "blue"]})
    assert fields(proposal) == {"Company": "organisation.name", "E-mail": None, "Phone": None}


def test_of_two_columns_for_one_value_the_surer_wins_and_the_other_is_told() -> None:
    proposal = of_header("Company", "Billing City", "Shipping City", "Phone", "Mobile", "Name")
    assert fields(proposal)["Billing City"] == "organisation.city"
    assert fields(proposal)["Shipping City"] is None
    assert "Billing City" in next(each.why for each in proposal.columns if each.name == "Shipping City")
    # Of phones there may be several.
    assert proposal.columns_of("person.phone") == ["Phone", "Mobile"]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Company;E-mail", "lead"),
        ("Name;Email;Ticket Type", "participant"),
        ("First Name;Last Name;Connected On", "contact"),
    ],
)
def test_what_each_row_is(header: str, kind: str) -> None:
    assert of_header(*header.split(";")).kind == kind


def test_whoever_says_what_each_row_is_is_right() -> None:
    header = dict.fromkeys(("Name", "Email", "Event Name", "Registration Date", "Attendance"), ())
    assert [each.field for each in propose(header).columns][2:] == [
        "activity.subject",
        "activity.on",
        "activity.status",
    ]
    as_leads = propose(header, kind="lead")
    # Where somebody was met is not what they are interested in.
    assert [each.field for each in as_leads.columns][2:] == [None, "lead.on", "lead.status"]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("E-mail 1 - Value", "person.email"),
        ("Person - Email - Work", "person.email"),
        ("contact.email", "person.email"),
        ("contactEmail", "person.email"),
        ("contact_email__c", "person.email"),
        ("properties.contact_email", "person.email"),
        ("First name *", "person.given_name"),
        ("3. First name", "person.given_name"),
        ("Puhelin (työ)", "person.phone"),
        ("Address (home)", "person.street"),
        ("Default address city", "organisation.city"),
        ("Firmentelefon", "organisation.phone"),
        ("Bürotelefon", "person.phone"),
        ("Gesprächsnotiz", "notes"),
        ("What company do you work for?", "organisation.name"),
        ("Which products are you interested in?", "lead.interest"),
        # What only sounds like a field:
        ("E-mail status", "ignore"),
        ("Phone type", "ignore"),
        ("Company anniversary", "ignore"),
        ("Company mascot", None),
        ("Salesperson e-mail", "ignore"),
        ("Venue city", "ignore"),
        ("#", None),
    ],
)
def test_headings_are_read_through_what_programs_and_people_put_around_them(heading: str, field: str | None) -> None:
    # Without a rival, and with both a person and an organisation beside it.
    beside = ("VAT number", "Surname") if field == "organisation.name" else ("Firm", "Surname")
    assert of_header(*beside, heading).field_of(heading) == field


def test_names_that_are_something_else_are_no_names() -> None:
    proposal = propose(
        {
            "Company": ["101", "102"],
            "Contact": ["aino@kone.example", "eero@sorvi.example"],
            "City": ["yes", "no"],
            "Title": ["Mr", "Dr."],
        }
    )
    assert fields(proposal) == {
        "Company": None,
        "Contact": "person.email",
        "City": None,
        "Title": "person.title",
    }


def test_what_stands_before_the_contact_is_the_organisations_where_the_contact_has_an_own() -> None:
    customers = of_header("Nimi", "Y-tunnus", "Puhelin", "Yhteyshenkilön nimi", "Yhteyshenkilön puhelin")
    assert fields(customers)["Puhelin"] == "organisation.phone"
    assert fields(customers)["Yhteyshenkilön puhelin"] == "person.phone"


def test_what_a_list_is_called_and_what_its_values_say_make_it_an_attendee_list() -> None:
    plain: dict[str, list[str]] = {"First name": [], "Last name": [], "E-mail": []}
    assert propose(plain).kind == "lead"
    assert propose(plain, title="Laser Day attendees 2024").kind == "participant"
    assert propose({**plain, "State": ["Checked in", "No show"]}).kind == "participant"
    # One thing that other lists have too is not enough.
    assert propose({**plain, "Registration date": []}).kind == "lead"
    assert propose({**plain, "Registration date": [], "Allergies": []}).kind == "participant"


@pytest.mark.parametrize(
    ("heading", "values", "said"),
    [
        ("Attended", ["Yes", "No"], {"Yes": "attended", "No": "did not attend"}),
        ("Osallistui", ["kyllä", "ei"], {"Kyllä": "attended", "Ei": "did not attend"}),
        ("No-show", ["x"], {"X": "did not attend", "No": "attended"}),
        ("Registered", ["1", "0"], {"1": "registered", "0": "not registered"}),
    ],
)
def test_yes_and_no_say_who_attended(heading: str, values: list[str], said: dict[str, str]) -> None:
    document = mapping_document(propose({"Name": [], "E-mail": [], heading: values}, kind="participant"))
    status = document["activity"]["status"]
    assert (status["from"], status["as"], status["other"]) == (heading, "choice", "keep")
    assert said.items() <= status["values"].items()


def test_an_attendee_list_says_what_it_has_and_the_rest_is_said_for_all() -> None:
    zoom = of_header("Name", "Email", "Registration Time", "Join Time", "Approval Status", "Attended", "Leave Time")
    assert zoom.field_of("Join Time") == "activity.on"
    assert zoom.field_of("Attended") == "activity.status"
    there = mapping_document(of_header("Name", "Email", "Join Time", "Leave Time"), event="Laser Day")
    assert there["activity"]["subject"] == {"const": "Laser Day"}
    assert there["activity"]["status"] == {"const": "attended"}
    signed_up = mapping_document(of_header("Name", "Email", "Ticket Type", "Event Name"), event="Laser Day")
    assert signed_up["activity"]["subject"] == {"from": "Event Name"}
    assert signed_up["activity"]["status"] == {"const": "registered"}


def test_the_country_of_local_numbers_comes_from_the_language_or_the_addresses() -> None:
    assert of_header("Yritys", "Puhelin").country == "FI"
    assert propose({"Company": [], "E-mail": ["a@kone.fi", "b@sorvi.fi", "c@abc.com"]}).country == "FI"
    assert of_header("Company", "Phone").country is None


def test_how_dates_are_written_comes_from_the_dates() -> None:
    assert propose({"Company": [], "Date": ["3/4/2024", "4/13/2024"]}).order == "mdy"
    assert propose({"Company": [], "Date": ["3.4.2024"]}).order == "dmy"
    assert propose({"Company": [], "Date": ["2024-04-03"]}).order is None


def test_a_sheet_that_names_nobody_makes_no_mapping() -> None:
    with pytest.raises(ValueError, match="names an organisation or a person"):
        mapping_document(of_header("Colour", "Weight"))


def test_a_mapping_drops_what_is_uncertain_and_refuses_what_is_sure() -> None:
    document = mapping_document(of_header("Company", "E-mail", "Contact", "Phone"), partner="Oy Kone")
    assert document["person"]["email"] == {"from": "E-mail"}
    # Nobody can tell where these numbers are from.
    assert document["person"]["phone"] == {"from": "Phone", "on_invalid": "drop"}
    assert document["lead"] == {"partner": {"const": "Oy Kone"}}
    finnish = mapping_document(of_header("Yritys", "Yhteyshenkilö", "Puhelin"))
    assert finnish["person"]["phone"] == {"from": "Puhelin", "region": {"const": "FI"}}


@given(st.lists(st.sampled_from(sorted(words().meanings)) | st.text(max_size=12), min_size=1, max_size=12, unique=True))
def test_whatever_the_header_a_proposal_makes_a_mapping_that_compiles(header: list[str]) -> None:
    proposal = of_header("Company", *(each for each in header if each != "Company"))
    assert [column.name for column in proposal.columns] == list(dict.fromkeys(["Company", *header]))
    assert all(0 <= column.confidence <= 1 for column in proposal.columns)
    assert all(column.confidence >= LEAST for column in proposal.columns if column.field not in (None, "ignore"))
    if proposal.columns_of("organisation.name") or proposal.columns_of("person.name"):
        source_mapping("proposed", Path("proposed.yaml"), mapping_document(proposal), Lines("proposed.yaml"))


def test_every_synonym_stands_for_something_that_there_is() -> None:
    known = {f"{entity}.{name}" for entity in Entity for name in FIELDS[entity]}
    known |= {f"{kind}.{name}" for kind in Hanging for name in HANGING_FIELDS[kind]}
    known |= {f"any.{name.partition('.')[2]}" for name in known} | {
        "date",
        "status",
        "notes",
        "consent",
        "agent",
        "number",
        "outcome",
        "role",
        "link",
        "ignore",
    }
    found = {meaning.concept for meanings in words().meanings.values() for meaning in meanings}
    assert found <= known


def test_synonyms_are_texts_and_none_is_blank() -> None:
    for path in (files("solmu.propose") / "synonyms").iterdir():
        document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        for headings in document.get("fields", {}).values():
            assert all(isinstance(each, str) and squash(each) for each in headings), path.name


def test_a_number_lands_without_its_country_and_a_wrong_one_refuses_its_row() -> None:
    proposal = propose({"Company": ["Kone Oy"], "Phone": ["040 123 4567"], "Country": ["FI"]})
    document = mapping_document(replace(proposal, country=None))
    mapping = source_mapping("mine", Path("mine.yaml"), document, Lines("mine.yaml"))
    for country in ("", "Narnia"):
        row = {"Company": "Kone Oy", "Phone": "040 123 4567", "Country": country}
        mapped = mapping.map(row, connection="mine")
        assert ("Phone", "phone-without-country") in [(each.column, each.code) for each in mapped.warnings]
        assert "phone" not in mapped.mentions[0].fields
    with pytest.raises(Skippable) as refused:
        mapping.map({"Company": "Kone Oy", "Phone": "040 1", "Country": "FI"}, connection="mine")
    assert (refused.value.field, refused.value.code) == ("Phone", "not-a-phone")


def test_days_as_numbers_of_a_workbook_are_days() -> None:
    proposal = propose({"Company": ["Kone Oy"], "Date": [45292, 45293.5, 45310]})
    assert fields(proposal)["Date"] == "lead.on"
    assert proposal.confidence_of("lead.on") > 0.9


def test_a_phone_number_that_is_kept_from_being_worked_out_is_one() -> None:
    proposal = propose({"Company": ["Kone Oy"], "Phone": ["'+358 40 1234567"]})
    assert proposal.confidence_of("organisation.phone") > 0.98


def test_a_column_without_a_heading_is_not_left_out_on_purpose() -> None:
    proposal = propose({"Company": ["Kone Oy"], "column D": ["call them"]})
    assert proposal.columns[1].why == "nothing known"


def test_cells_that_show_an_error_say_nothing_of_their_column() -> None:
    proposal = propose({"E-mail": [cell_error("#N/A"), "a@b.example", cell_error("#REF!")], "X": [cell_error("#N/A")]})
    assert fields(proposal) == {"E-mail": "person.email", "X": None}
    assert proposal.confidence_of("person.email") > 0.98


def test_a_flag_of_suppliers_is_read_and_a_supplier_by_name_is_not() -> None:
    names = ["Kotka Kone Oy", "Suomen Sorvi Oy"]
    assert fields(propose({"firmenname": names, "lieferant_jn": ["J", "N"]}))["lieferant_jn"] == "organisation.supplier"
    assert fields(propose({"Company": names, "Is vendor": ["yes", "no"]}))["Is vendor"] == "organisation.supplier"
    assert fields(propose({"Company": names, "Supplier": ["Hanko Hitsi Oy", "Raahe Rauta Oy"]}))["Supplier"] == "ignore"
