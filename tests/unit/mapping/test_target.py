"""What a target mapping wants a target to hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solmu.config import load_hub
from solmu.errors import ConfigurationError, Skippable
from solmu.mapping import Wanted, load_target_mapping
from solmu.model import FIELDS, CanonicalField, Entity, Hanging
from tests.unit.mapping.conftest import target, told

ACCOUNT = """
object: Account
entity: organisation
external_id: Solmu_Id__c
include: [lead]
exclude: []
fields:
  Name: {from: [name, domain], required: true}
  Phone: {from: "phone[0]"}
  Country: {from: country, as: country_name}
  Short: {from: name, as: [upper, truncate], length: 6}
  Plain: city
  Kind: {const: Customer, only_on: create}
  Note: {template: "{name}[ in {city}]", default: nobody}
  Status: {from: status, default: Active}
  OwnerId: {assign: true}
"""


def test_each_field_wants_a_value_and_says_where_it_came_from() -> None:
    document = {"name": "Kotka Kone Oy", "phone": ["+358401234567"], "country": "FI", "domain": "kotka.fi"}

    assert target(ACCOUNT).desired(document) == {
        "Name": Wanted("Kotka Kone Oy", "name", required=True),
        "Phone": Wanted("+358401234567", "phone"),
        "Country": Wanted("Finland", "country"),
        "Short": Wanted("KOTKA…", "name"),
        "Plain": Wanted(None, None),
        "Kind": Wanted("Customer", None, only_on="create"),
        "Note": Wanted("Kotka Kone Oy", "name"),
        "Status": Wanted("Active", None),
        "OwnerId": Wanted(assign=True, only_on="create"),
    }


def test_of_several_fields_the_first_with_a_value_counts() -> None:
    wanted = target(ACCOUNT).desired({"name": "", "domain": "kotka.fi", "phone": []})

    assert wanted["Name"] == Wanted("kotka.fi", "domain", required=True)
    assert wanted["Phone"] == Wanted(None, None)
    assert wanted["Note"].value == "nobody"


def test_what_reads_a_path_or_has_a_default_is_wanted_of_an_empty_record_too() -> None:
    mapping = target(f"{ACCOUNT}  Phones: {{from: 'length(phone || `[]`)'}}\n")
    documents: list[dict[str, Any]] = [{}, {"name": "Kotka Kone Oy"}, {"phone": ["+358401234567"], "city": "Kotka"}]
    for document in documents:
        each_by_itself = {name: field.wanted(document) for name, field in mapping.fields.items()}
        assert mapping.desired(document) == each_by_itself
        assert list(mapping.desired(document)) == list(mapping.fields)
    assert mapping.desired({})["Status"].value == "Active"
    assert mapping.desired({})["Phones"].value == 0


def test_false_is_a_value() -> None:
    mapping = target("{object: C, entity: person, fields: {Out: opt_out, In: {from: opt_out, as: negate}}}")

    assert mapping.desired({"opt_out": False})["Out"] == Wanted(False, "opt_out")
    assert mapping.desired({"opt_out": True})["In"] == Wanted(False, "opt_out")


def test_a_mapping_says_what_it_pushes_and_writes() -> None:
    mapping = target(ACCOUNT)

    assert (mapping.object, mapping.entity, mapping.hanging) == ("Account", Entity.ORGANISATION, None)
    assert (mapping.external_id, mapping.include, mapping.exclude) == ("Solmu_Id__c", ("lead",), ())
    assert mapping.parents == {}
    assert mapping.fields["Name"].reads == ("name", "domain")
    assert target("{object: A, entity: person, fields: {X: name}}").include is None


def test_a_field_that_a_target_may_not_have_is_only_written_where_it_describes_it() -> None:
    mapping = target("{object: Deal, hanging: deal, fields: {A: amount, C: {from: currency, if_there: true}}}")
    deal = {"amount": "5", "currency": "EUR"}

    assert mapping.fitted({"A", "C"}) is mapping
    assert mapping.desired(deal)["C"] == Wanted("EUR", "currency")
    assert mapping.fitted({"A"}).desired(deal) == {"A": Wanted("5", "amount")}
    assert [*mapping.fitted(()).fields] == ["A"]
    assert mapping.fitted(()).recipe == mapping.recipe


def test_what_hangs_is_mapped_by_its_own_fields() -> None:
    mapping = target("{object: Task, hanging: lead, fields: {Subject: number, Who: {parent: contacts}}}")

    assert mapping.hanging is Hanging.LEAD
    assert mapping.parents == {"Who": "contacts"}
    assert mapping.desired({})["Who"] == Wanted(parent="contacts")
    assert mapping.desired({"number": "7"})["Subject"] == Wanted("7", "number")


def test_a_field_of_the_hubs_own_can_be_pushed() -> None:
    known = {**FIELDS, Entity.PERSON: {"custom.size": CanonicalField("custom.size", "number", "Size")}}
    mapping = target("{object: C, entity: person, fields: {S: {from: custom.size, as: number}}}", known=known)

    assert mapping.desired({"custom.size": "5"})["S"] == Wanted(5, "custom.size")


def test_a_value_that_does_not_fit_holds_its_record_only() -> None:
    mapping = target("{object: A, entity: organisation, fields: {Staff: {from: employees, as: number}}}")

    with pytest.raises(Skippable) as caught:
        mapping.desired({"employees": "about ten"})

    assert (caught.value.stage, caught.value.field) == ("plan", "Staff")


@pytest.mark.parametrize(
    ("text", "line", "message", "expected"),
    [
        ("object: A\nfields: {X: name}\n", 1, "does not say what it pushes", "entity"),
        ("entity: organisation\nhanging: lead\nfields: {X: name}\n", 1, "does not say what it pushes", "either"),
        ("entity: organisaton\nfields: {X: name}\n", 1, "`entity` cannot be 'organisaton'", "organisation"),
        ("entity: person\nfeilds: {X: name}\n", 2, "unknown key `feilds`", "fields"),
        ("entity: person\nfields:\n  X: nme\n", 3, "unknown field `nme`", "name"),
        ("entity: person\nfields:\n  X: {from: \"emial[0]\"}\n", 3, "unknown field `emial`", "email"),
        ("entity: person\nfields:\n  X: {from: \"a b\"}\n", 3, "is no path", "phone[0]"),
        ("entity: person\nfields:\n  X: {from: \"`1`\"}\n", 3, "reads no field", "const"),
        ("entity: person\nfields:\n  X: {from: name, as: uper}\n", 3, "unknown transform `uper`", "upper"),
        ("entity: person\nfields:\n  X: {from: name, as: truncate}\n", 3, "needs `length`", "characters"),
        ("entity: person\nfields:\n  X: {from: name, as: truncate, lenght: 5}\n", 3, "unknown key `lenght`", "length"),
        ("entity: person\nfields:\n  X: {from: name, as: number}\n", 3, "number takes a number, and not a text", ""),
        ("entity: person\nfields:\n  X: {from: country, as: country_name, language: xx}\n", 3, "makes no sense", "fi"),
        ("entity: person\nfields:\n  X: {from: name, const: y}\n", 3, "needs one of `from`, `const`", ""),
        ("entity: person\nfields:\n  X: {const: y, as: upper}\n", 3, "unknown key `as`", "const"),
        ("entity: person\nfields:\n  X: {from: name, only_on: creation}\n", 3, "`only_on` cannot be", "create"),
        ("entity: person\nfields:\n  X: {assign: false}\n", 3, "`assign` can only be true", ""),
        ("entity: person\nfields:\n  X: {template: \"{nme}\"}\n", 3, "unknown field `nme`", "name"),
        ("entity: person\nfields:\n  X: {template: \"{name|uper}\"}\n", 3, "unknown transform `uper`", "upper"),
        ("entity: person\nfields:\n  X: {template: \"{name\"}\n", 3, "stands alone", "{name}"),
        ("entity: person\ninclude: [leads]\nfields: {X: name}\n", 2, "`include` cannot be 'leads'", "lead"),
        ("entity: person\nexternal_id: Id__c\nfields:\n  Id__c: name\n", 4, "Id__c is the external id", ""),
        ("entity: person\n", 1, "`fields` is missing", "Name"),
        ("entity: organisation\nfields:\n  X: {parent: accounts}\n", 3, "points at no other record", "leave this"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_line_and_what_would_be_right(
    text: str, line: int, message: str, expected: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        target(text)

    assert caught.value.file == "test.yaml"
    assert caught.value.line == line
    assert any(message in each for each in told(caught.value))
    assert expected in (caught.value.expected or "")


def test_a_target_mapping_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "hub.yaml").write_text("")

    with pytest.raises(ConfigurationError, match="there is no target mapping") as caught:
        load_target_mapping(load_hub(tmp_path), "salesforce/lead-tsk")

    assert "salesforce/lead-task" in (caught.value.expected or "")
