"""What a source mapping makes of a record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from solmu.errors import Skippable
from solmu.mapping import MappedConsent, MappedHanging, Reference, map_batch
from solmu.mapping.specs import MEMO, Maker
from solmu.mapping.transforms import TRANSFORMS
from solmu.model import FIELDS, CanonicalField, Entity, Hanging
from tests.unit.mapping.conftest import mapped, organisation, person, source

LEAD = """
record: lead
organisation: {name: Company}
person: {name: Contact, email: {from: "E-mail", on_invalid: drop}}
lead: {number: Nr, partner: {const: Oy Kone}}
"""


def test_a_row_speaks_of_an_organisation_of_a_person_and_of_the_lead_itself() -> None:
    result = mapped(LEAD, Company="Kotka Kone Oy", Contact="Aino Salo", **{"E-mail": "aino@kotka.example"}, Nr=7)

    company, contact = result.mentions
    assert (company.slot, company.entity) == ("organisation", Entity.ORGANISATION)
    assert company.fields == {"name": "Kotka Kone Oy", "legal_form": "oy"}
    assert contact.fields == {
        "name": "Aino Salo",
        "given_name": "Aino",
        "family_name": "Salo",
        "email": ["aino@kotka.example"],
    }
    assert result.hanging == (
        MappedHanging(Hanging.LEAD, "lead", "organisation", {"number": "7", "partner": "Oy Kone"}),
        MappedHanging(Hanging.AFFILIATION, "affiliation", "person", {}, "organisation"),
    )


def test_each_field_knows_the_columns_it_was_read_from() -> None:
    result = mapped(
        """
        organisation: {name: [Name, Company], phone: [Phone, Mobile], country: {const: FI}, website: Web}
        """,
        Name="",
        Company="Kotka Kone Oy",
        Phone="+358 40 123 4567",
        Mobile="+358 5 123 4567",
        Web="www.kotka.fi",
    )

    assert result.mentions[0].columns == {
        "name": ("Company",),
        "legal_form": ("Company",),
        "phone": ("Phone", "Mobile"),
        "country": (),
        "website": ("Web",),
        "domain": ("Web",),
    }


def test_of_several_columns_the_first_that_says_something_counts() -> None:
    text = "organisation: {name: {from: [Trade name, Name]}, city: {from: [City, Town], default: Kotka}}"

    assert organisation(text, **{"Trade name": " - ", "Name": "Kotka Kone"}, Town="Hamina")["name"] == "Kotka Kone"
    assert organisation(text, Name="Kotka Kone", City="n/a", Town="Hamina")["city"] == "Hamina"
    assert organisation(text, Name="Kotka Kone", City="")["city"] == "Kotka"


def test_a_field_of_many_takes_all_columns_each_value_once() -> None:
    text = "organisation: {name: Name, phone: {from: [Phone, Mobile, Fax], region: FI}, tags: Tags}"

    fields = organisation(text, Name="K", Phone="040 123 4567; 05 123 4567", Mobile="+358401234567", Tags=["a", "b; c"])

    assert fields["phone"] == ["+358401234567", "+35851234567"]
    assert fields["tags"] == ["a", "b", "c"]


def test_results_can_be_changed_without_changing_what_comes_next() -> None:
    mapping = source("organisation: {name: Name, phone: {from: Phone}, tags: {const: [a, b]}}")
    payload = {"Name": "K", "Phone": "+358 40 123 4567"}

    first = mapping.map(payload, connection="erp").mentions[0].fields
    first["phone"].append("x")
    first["tags"].append("x")
    second = mapping.map(payload, connection="erp").mentions[0].fields

    assert second["phone"] == ["+358401234567"]
    assert second["tags"] == ["a", "b"]


def test_an_option_may_be_read_from_the_row_with_a_fallback() -> None:
    text = "organisation: {name: Name, phone: {from: Phone, region: {from: Country, as: country, default: FI}}}"

    assert organisation(text, Name="K", Phone="040 123 4567")["phone"] == ["+358401234567"]
    assert organisation(text, Name="K", Phone="070 123 45 67", Country="Ruotsi")["phone"] == ["+46701234567"]
    with pytest.raises(Skippable) as caught:
        organisation(text, Name="K", Phone="040 123 4567", Country="Baltic")
    assert caught.value.code == "phone-without-country"


@pytest.mark.parametrize(
    "block",
    [
        "{name: Name, phone: Phone, country: [Land, Country]}",
        "{country: {from: [Land, Country]}, phone: {from: Phone}, name: Name}",
    ],
)
def test_a_phone_number_that_states_no_region_is_of_the_country_beside_it(block: str) -> None:
    text = f"organisation: {block}"

    assert organisation(text, Name="K", Phone="070 123 45 67", Country="Ruotsi")["phone"] == ["+46701234567"]
    assert organisation(text, Name="K", Phone="+358 40 123 4567", Country="SE")["phone"] == ["+358401234567"]
    for country, code in (("", "phone-without-country"), ("SE", "not-a-phone")):
        with pytest.raises(Skippable) as caught:
            organisation(text, Name="K", Phone="12 34", Country=country)
        assert caught.value.code == code


def test_the_country_of_a_phone_number_is_that_of_its_own_block_unless_its_region_says_otherwise() -> None:
    text = """
        organisation: {name: Company, phone: Office, country: {const: SE}}
        person: {name: Name, phone: {from: Phone, on_invalid: drop}}
        person#2: {name: Other, phone: {from: Phone, region: EE}, country: {const: FI}}
        """

    company, contact, other = mapped(
        text, Company="K", Office="070 123 45 67", Name="A B", Other="C D", Phone="5123 4567"
    ).mentions

    assert company.fields["phone"] == ["+46701234567"]
    assert "phone" not in contact.fields
    assert other.fields["phone"] == ["+37251234567"]


def test_a_persons_name_in_parts_makes_the_whole_and_is_never_split() -> None:
    text = "person: {given_name: First, family_name: Last}"

    assert person(text, First="Anna Maria", Last="de Luca") == {
        "name": "Anna Maria de Luca",
        "given_name": "Anna Maria",
        "family_name": "de Luca",
    }
    assert person(text, First="", Last="Salo") == {"name": "Salo", "family_name": "Salo"}
    assert mapped(text, First="Jennifer", Last="Null").mentions[0].columns == {
        "name": ("First", "Last"),
        "given_name": ("First",),
        "family_name": ("Last",),
    }


def test_a_whole_name_fills_in_only_parts_of_which_the_source_says_nothing() -> None:
    text = "person: {name: Full, given_name: First, family_name: Last, email: Email}"

    assert person(text, Full="Aino M. Salo", First="Aino", Last="Salo") == {
        "name": "Aino M. Salo",
        "given_name": "Aino",
        "family_name": "Salo",
    }
    assert person(text, Full="Aino Salo") == {"name": "Aino Salo", "given_name": "Aino", "family_name": "Salo"}
    assert person(text, First="Aino", Last="Salo")["name"] == "Aino Salo"


def test_a_legal_form_of_the_sources_own_stays() -> None:
    text = "organisation: {name: Name, legal_form: Form}"

    assert organisation(text, Name="Kotka Kone Oy", Form="Limited company")["legal_form"] == "Limited company"
    assert organisation(text, Name="Kotka Kone Oy")["legal_form"] == "oy"


def test_an_organisations_domain_comes_from_its_own_website_or_address_only() -> None:
    text = "organisation: {name: Name, website: Web, email: Mail}\nperson: {email: Personal}"

    assert organisation(text, Name="K", Web="www.kotka.fi", Mail="info@other.fi")["domain"] == "kotka.fi"
    assert organisation(text, Name="K", Web="ask us", Mail="info@kotka.fi")["domain"] == "kotka.fi"
    assert "domain" not in organisation(text, Name="K", Mail="kotkakone@gmail.com", Personal="aino@kotka.fi")
    assert (
        organisation("organisation: {name: Name, domain: Mail}", Name="K", Mail="aino@kotka.fi")["domain"] == "kotka.fi"
    )
    assert (
        organisation("organisation: {name: Name, website: Web, domain: D}", Name="K", Web="a.fi").get("domain") is None
    )


def test_a_postcode_in_the_citys_cell_is_found() -> None:
    text = "organisation: {name: Name, postcode: Zip, city: City, country: Country}"

    found = organisation(text, Name="K", City="48100 Kotka", Country="FI")
    assert (found["postcode"], found["city"]) == ("48100", "Kotka")
    kept = organisation(text, Name="K", Zip="48100", City="48100 Kotka", Country="FI")
    assert (kept["postcode"], kept["city"]) == ("48100", "48100 Kotka")
    assert organisation(text, Name="K", City="Milano (MI)", Country="IT")["region"] == "MI"


def test_numbers_of_the_payload_are_taken_as_they_are() -> None:
    text = "organisation: {name: Name, customer_number: Nr, employees: Staff}\norder: {amount: Total, on: Day}"
    result = mapped(text, Name="K", Nr=1001.0, Staff=12, Total=1.234, Day=45385.0)

    assert result.mentions[0].fields["customer_number"] == "1001"
    assert result.mentions[0].fields["employees"] == "12"
    assert result.hanging[0].fields == {"amount": "1.234", "on": "2024-04-03"}


def test_false_is_blank_unless_a_flag_is_asked_for() -> None:
    text = """
    organisation: {name: Name, email: "Name && !Person && Mail", supplier: Supplier, parent: {stream: s, key: Parent}}
    """

    result = mapped(text, Name="K", Person="Aino", Mail="info@kotka.example", Supplier=False, Parent=False)

    assert result.mentions[0].fields == {"name": "K", "supplier": False}
    assert result.hanging == ()


def test_a_value_that_makes_no_sense_refuses_the_row_and_says_why() -> None:
    with pytest.raises(Skippable) as caught:
        mapped("person: {name: Name, email: 'E-mail'}", Name="Aino Salo", **{"E-mail": "aino(at)kotka"})

    error = caught.value
    assert (error.code, error.stage, error.connection) == ("not-an-email", "map", "erp")
    assert (error.field, error.value) == ("E-mail", "aino@kotka")
    assert error.expected == "one address such as name@example.com"
    assert "kotka" not in error.message


def test_a_value_that_may_be_dropped_leaves_a_warning() -> None:
    result = mapped(
        """
        person:
          name: Name
          phone: {from: Phone, region: FI, on_invalid: drop}
          language: {from: L, on_invalid: drop}
        """,
        Name="Aino Salo",
        Phone="040 123 4567; 12",
        L="Gibberish",
    )

    assert result.mentions[0].fields["phone"] == ["+358401234567"]
    assert "language" not in result.mentions[0].fields
    assert [(w.field, w.column, w.code) for w in result.warnings] == [
        ("phone", "Phone", "not-a-phone"),
        ("language", "L", "unknown-language"),
    ]
    assert result.warnings[0].value == "12"


def test_a_block_where_a_value_was_expected_is_refused() -> None:
    with pytest.raises(Skippable) as caught:
        mapped("organisation: {name: Name}", Name={"first": "x"})

    assert caught.value.code == "not-one-value"
    assert mapped("organisation: {name: Name.first}", Name={"first": "K"}).mentions[0].fields["name"] == "K"


def test_one_of_the_required_fields_must_be_there() -> None:
    text = """
    organisation: {name: Company}
    person: {email: E-mail, phone: Phone}
    require: [[organisation.name, person.email]]
    """

    assert mapped(text, **{"E-mail": "aino@kotka.example"}).mentions
    with pytest.raises(Skippable) as caught:
        mapped(text, Company="-", Phone="+358401234567", **{"E-mail": ""})
    assert (caught.value.code, caught.value.field) == ("required", "Company")
    assert caught.value.expected == "a value in Company or E-mail"


def test_what_was_filled_in_and_makes_no_sense_is_not_called_missing() -> None:
    mapping = source(
        "require:\n  - [organisation.name, person.email]\n"
        "organisation:\n  name: {from: firm}\nperson:\n  email: {from: email, on_invalid: drop}\n"
    )
    with pytest.raises(Skippable) as refused:
        mapping.map({"firm": "", "email": "a@@b.example"}, connection="web")
    assert "is missing: email cannot be read (there are two @" in refused.value.message
    assert (refused.value.field, refused.value.value) == ("email", "a@@b.example")


def test_a_row_that_names_nobody_is_refused() -> None:
    with pytest.raises(Skippable) as caught:
        mapped(
            "record: lead\norganisation: {name: Company, country: Country}\nlead: {text: Notes}",
            Country="FI",
            Notes="call",
        )

    assert caught.value.code == "nobody"


def test_a_country_alone_makes_no_organisation() -> None:
    result = mapped("organisation: {name: Company, country: {const: FI}}\nperson: {email: Mail}", Mail="a@b.example")

    assert [mention.slot for mention in result.mentions] == ["person"]


@pytest.mark.parametrize(
    ("condition", "ignored"),
    [
        ("{from: Status, in: [spam]}", True),
        ("{from: Status, in: [test]}", False),
        ("{from: Status, not_in: [lead]}", True),
        ("{from: [Owner, Team], blank: true}", True),
        ("{from: [Owner, Status], blank: true}", False),
        ("[{from: Status, in: [test]}, {from: Owner, blank: true}]", True),
    ],
)
def test_rows_can_be_ignored_by_a_condition(condition: str, ignored: bool) -> None:
    result = mapped(f"organisation: {{name: Name}}\nignore_when: {condition}", Name="K", Status=" SPAM ", Owner="")

    assert result.ignored is ignored


def test_an_ignored_row_is_never_refused() -> None:
    text = """
    organisation: {name: Name, phone: Phone}
    lead: {text: Notes}
    require: [[organisation.name]]
    ignore_when: {from: Status, in: [Spam]}
    """

    result = mapped(text, Status="Spam", Phone="12", Notes="buy now")

    assert result.ignored
    assert result.mentions == ()
    assert [warning.code for warning in result.warnings] == ["phone-without-country"]


def test_columns_that_nobody_asked_about_are_reported() -> None:
    mapping = source(
        "{ignore: [Internal no, Sys*], organisation: {name: Name, phone: {from: P, region: {from: Country}}}}"
    )
    payload = {"Name": "K", "Internal no": 1, "SysStamp": 2, "Country": "FI", "Colour": "red", "Size": None}

    assert mapping.map(payload, connection="erp").unmapped == ("Colour", "Size")
    assert mapping.columns == {"Name", "P", "Country"}


def test_the_record_says_when_it_was_observed() -> None:
    row = {"Name": "K", "Day": "3.4.2024"}

    assert mapped("{observed_at: {from: Day, order: dmy}, organisation: {name: Name}}", **row).observed_at == datetime(
        2024, 4, 3, tzinfo=UTC
    )
    assert mapped("{observed_at: {from: Day, as: date, order: dmy}, organisation: {name: Name}}", **row).observed_at
    assert mapped("{observed_at: Stamp, organisation: {name: Name}}", **row).observed_at is None


def test_a_parent_and_an_employer_are_references_to_other_records() -> None:
    text = """
    organisation: {name: Name, parent: {stream: customers, key: {from: parent_id}, kind: parent}}
    person: {name: Person, employer: {stream: accounts, key: AccountId, connection: crm}, job_title: Title}
    """
    result = mapped(text, Name="K", parent_id=12, Person="Aino Salo", AccountId="001", Title="Buyer")

    parent = Reference("erp", "customers", "12", "organisation")
    employer = Reference("crm", "accounts", "001", "organisation")
    assert parent.text == "erp/customers/organisation/12"
    assert result.hanging == (
        MappedHanging(Hanging.RELATION, "parent", "organisation", {"kind": "parent"}, parent),
        MappedHanging(Hanging.AFFILIATION, "employer", "person", {"job_title": "Buyer"}, employer),
        MappedHanging(Hanging.AFFILIATION, "affiliation", "person", {"job_title": "Buyer"}, "organisation"),
    )
    assert mapped(text, Name="K", parent_id=" ").hanging == ()


def test_a_record_that_was_converted_says_what_it_goes_on_as() -> None:
    lead = source(
        """
        organisation: {name: Company}
        person: {name: Person}
        became:
          person: {stream: contacts, key: {from: Contact}}
          organisation: {stream: accounts, key: {from: Account}}
        """
    )
    row = {"Company": "Kotka Oy", "Person": "Aino Salo"}

    assert not lead.map(row, connection="crm").converted
    made = lead.map({**row, "Contact": "003", "Account": ""}, connection="crm")
    (became,) = [each for each in made.hanging if each.fields.get("kind") == "became"]
    assert (became.slot, became.of) == ("became.person", "person")
    assert became.other == Reference("crm", "contacts", "003", "person")
    assert made.converted


def test_a_job_has_dates() -> None:
    result = mapped(
        "organisation: {name: C}\nperson: {name: P}\naffiliation: {since: {from: From}, until: {from: To}}",
        C="K",
        P="Aino Salo",
        From="2020-01-01",
        To="",
    )

    assert result.hanging[0].fields == {"since": "2020-01-01"}


def test_an_order_belongs_to_the_customer_that_it_names() -> None:
    text = """
    record: order
    order:
      number: nr
      kind: {const: invoice}
      amount: total
      currency: {const: EUR}
      of: {stream: customers, key: {from: customer_id}}
    """
    result = mapped(text, nr="A-1", total="12,50", customer_id=5)

    assert result.mentions == ()
    assert result.hanging == (
        MappedHanging(
            Hanging.ORDER,
            "order",
            Reference("erp", "customers", "5", "organisation"),
            {"number": "A-1", "amount": "12.5", "kind": "invoice", "currency": "EUR"},
        ),
    )
    with pytest.raises(Skippable) as caught:
        mapped(text, nr="A-1")
    assert (caught.value.code, caught.value.field) == ("nobody", "customer_id")


def test_of_several_owners_the_first_that_is_there_counts() -> None:
    text = """
    activity:
      subject: Subject
      of: [{stream: contacts, key: {from: WhoId}, slot: person}, {stream: accounts, key: {from: WhatId}}]
    """

    assert mapped(text, Subject="x", WhatId="001").hanging[0].of == Reference("erp", "accounts", "001", "organisation")
    assert mapped(text, Subject="x", WhoId="003", WhatId="001").hanging[0].of == Reference(
        "erp", "contacts", "003", "person"
    )


def test_what_hangs_goes_to_the_organisation_or_else_to_the_person() -> None:
    text = "organisation: {name: C}\nperson: {name: P}\nactivity: {text: Notes}"

    assert mapped(text, C="K", P="Aino Salo", Notes="x").hanging[0].of == "organisation"
    assert mapped(text, P="Aino Salo", Notes="x").hanging[0].of == "person"
    assert mapped(text + "\n", C="K").hanging == ()


def test_a_list_of_blocks_fills_numbered_slots() -> None:
    text = "organisation: {name: C}\nactivity: [{text: Visit, kind: {const: visit}}, {text: Call, kind: {const: call}}]"

    slots = [(each.slot, each.fields) for each in mapped(text, C="K", Visit="", Call="asked for a price").hanging]

    assert slots == [("activity#2", {"text": "asked for a price", "kind": "call"})]


def test_every_row_of_leads_is_a_lead_whatever_is_filled_in() -> None:
    text = "record: {record}\norganisation: {{name: C}}\nlead: {{text: Notes, partner: {{const: Oy Kone}}}}"

    assert mapped(text.format(record="lead"), C="K").hanging[0].fields == {"partner": "Oy Kone"}
    assert mapped(text.format(record="customer"), C="K").hanging == ()


def test_people_in_notes_are_mentions_of_their_own_at_the_same_organisation() -> None:
    text = "organisation: {name: C}\nperson: {name: P, email: E}\npeople_in_notes: {from: Notes, region: FI}"
    notes = "Contact: Aino Salo, aino@kotka.fi; sales Eino Meri 040 123 4567"

    result = mapped(text, C="Kotka Kone", P="Aino Salo", E="aino@kotka.fi", Notes=notes)

    assert [mention.slot for mention in result.mentions] == ["organisation", "person", "person#2"]
    assert result.mentions[2].fields == {
        "name": "Eino Meri",
        "given_name": "Eino",
        "family_name": "Meri",
        "job_title": "sales",
        "phone": ["+358401234567"],
    }
    assert result.mentions[2].columns["phone"] == ("Notes",)
    assert [(each.slot, each.of) for each in result.hanging] == [
        ("affiliation", "person"),
        ("affiliation#2", "person#2"),
    ]


def test_a_second_person_and_organisation_have_slots_of_their_own() -> None:
    text = """
    organisation: {name: Buyer}
    organisation#2: {name: Dealer}
    person: {name: P1}
    person#2: {name: P2, employer: organisation#2}
    people_in_notes: Notes
    """
    result = mapped(text, Buyer="K", Dealer="D", P1="Aino Salo", P2="Eino Meri", Notes="Veli Vuori +358 40 123 4567")

    assert [m.slot for m in result.mentions] == ["organisation", "organisation#2", "person", "person#2", "person#3"]
    assert ("employer#2", "organisation#2") in [(each.slot, each.other) for each in result.hanging]


@pytest.mark.parametrize(("raw", "allowed"), [(True, False), ("false", True)])
def test_a_consent_is_said_for_a_purpose(raw: Any, allowed: bool) -> None:
    result = mapped(
        "person: {name: P}\nconsent: {email: {from: OptOut, as: flag, negate: true}}", P="Aino Salo", OptOut=raw
    )

    assert result.consents == (MappedConsent("person", "email", allowed),)


def test_a_blank_consent_says_nothing() -> None:
    assert mapped("person: {name: P}\nconsent: {email: OptIn}", P="Aino Salo", OptIn="").consents == ()


def test_terms_come_from_the_mappings_vocabulary() -> None:
    text = """
    record: lead
    organisation: {name: C}
    lead: {interest: {from: Wants, as: terms, vocabulary: products}}
    vocabularies: {products: {Laser: [laserit], Plasma: }}
    """

    assert mapped(text, C="K", Wants="laserit; plasma").hanging[0].fields == {"interest": ["Laser", "Plasma"]}


def test_a_field_of_the_hubs_own_is_mapped_like_any_other() -> None:
    known = {
        **FIELDS,
        Entity.ORGANISATION: {
            **FIELDS[Entity.ORGANISATION],
            "custom.machine": CanonicalField("custom.machine", "text", "Machine"),
        },
    }
    mapping = source("organisation: {name: C, custom.machine: Machine}", known=known)

    assert mapping.map({"C": "K", "Machine": "Laser"}, connection="erp").mentions[0].fields["custom.machine"] == "Laser"


def test_a_batch_gives_a_result_for_each_record_in_order() -> None:
    mapping = source("person: {name: P, email: E}")

    good, bad, again = map_batch(
        mapping, [{"P": "Aino Salo"}, {"P": "Eino Meri", "E": "?@"}, {"P": "Aino Salo"}], "erp"
    )

    assert isinstance(bad, Skippable)
    assert good == again


def test_each_distinct_value_is_made_once_and_what_is_remembered_is_bounded() -> None:
    made: list[str] = []

    def noted(text: str) -> str:
        made.append(text)
        return text

    maker = Maker(TRANSFORMS["text"], noted, None, {})

    for number in [*range(MEMO), *range(MEMO)]:
        maker.known(str(number))
    assert len(made) == MEMO

    maker.known("one more")
    assert len(maker.memo) <= MEMO
    assert maker.known("5") == "5"


def test_the_recipe_follows_the_meaning_and_not_the_comments() -> None:
    recipe = source("organisation: {name: C}").recipe

    assert source("# a comment\norganisation:\n  name: C\n").recipe == recipe
    assert source("organisation: {name: D}").recipe != recipe
    assert source("organisation: {name: C}").recipe_detail["libraries"]["phonenumbers"]
