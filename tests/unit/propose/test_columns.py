"""Which columns could be a key, which says when a row changed, and how a proposal is written down."""

from __future__ import annotations

from typing import Any

from solmu.mapping.source import source_mapping
from solmu.propose import changed_columns, key_columns, mapping_document, mapping_text, propose
from solmu.propose.evidence import evidence

from pathlib import Path  # isort: skip

CUSTOMERS: dict[str, list[Any]] = {
    "Customer number": [1001, 1002, 1003],
    "Company": ["Kotka Kone Oy", "Suomen Sorvi Oy", "Hanko Hitsi Oy"],
    "E-mail": ["info@kotka.example", "info@sorvi.example", ""],
    "Since": ["2024-01-01", "2024-01-02", "2024-01-03"],
    "LastModifiedDate": ["2026-01-01 10:00", "2026-01-01 10:00", "2026-01-02 10:00"],
    "Shelf": ["C7", "C7", "C8"],
}


def test_a_key_is_filled_in_everywhere_never_twice_and_proposed_where_it_is_called_so() -> None:
    assert key_columns(CUSTOMERS) == (["Customer number", "Company"], ["Customer number"])
    assert key_columns({"id": []}) == ([], [])


def test_a_stamp_of_changes_is_a_time_that_is_called_so() -> None:
    assert changed_columns(CUSTOMERS, {}) == (["Since", "LastModifiedDate"], ["LastModifiedDate"])
    assert changed_columns({"updated_at": [None]}, {"updated_at": "timestamp"}) == (["updated_at"], ["updated_at"])


def test_a_date_is_not_taken_for_a_phone_number() -> None:
    found = propose({"Company": ["Kotka Kone Oy"], "xyz": ["2024-01-01", "2024-01-02"]})
    assert found.field_of("xyz") is None


def test_the_text_of_a_proposal_is_a_mapping_and_names_what_it_leaves_out() -> None:
    from solmu.config.yaml import parse

    proposal = propose(CUSTOMERS, kind="contact")
    text = mapping_text("dealers", mapping_document(proposal), proposal, ["For dealers."])

    path = Path("dealers.yaml")
    mapping = source_mapping("dealers", path, *parse(text, str(path)))
    assert mapping.record == "contact"
    assert "# For dealers.\n" in text
    assert "#   Shelf: nothing known\n" in text
    assert "Kotka" not in text


def test_one_letter_is_a_class_of_customers_and_no_country() -> None:
    assert evidence(["A", "B", "A", "F"]).share("country") == 0
    assert evidence(["AT", "Polska", "Italia"]).share("country") == 1
