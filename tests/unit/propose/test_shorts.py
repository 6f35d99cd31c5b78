"""Short words are written out, and two known words together may be a field of their own."""

from __future__ import annotations

import pytest

from solmu.propose import propose


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Fa.;Anspr.-partner;Tel. gesch.", "organisation.name person.name person.phone"),
        ("Yr.;Yht.hlö;Pkunta", "organisation.name person.name organisation.city"),
        ("Ftg;Kont.pers.;Bef.", "organisation.name person.name person.job_title"),
        ("Rag.soc.;Ref.;Qual.", "organisation.name person.name person.job_title"),
        ("Co. name;Cntct;Prod. int.", "organisation.name person.name lead.interest"),
    ],
)
def test_words_that_are_cut_short_are_written_out_in_the_sheets_language(header: str, expected: str) -> None:
    proposal = propose(dict.fromkeys(header.split(";"), ()))
    assert [column.field for column in proposal.columns] == expected.split()


def test_the_date_and_the_name_of_an_event_are_the_events() -> None:
    proposal = propose(dict.fromkeys(("Teilnehmer", "Datum des Webinars", "Name des Webinars"), ()))
    assert [column.field for column in proposal.columns] == ["person.name", "activity.on", "activity.subject"]


def test_a_column_that_says_how_much_is_left_alone() -> None:
    proposal = propose(dict.fromkeys(("Azienda", "Interesse (alto/medio/basso)", "Interest (1-5)"), ()))
    assert [column.field for column in proposal.columns] == ["organisation.name", "ignore", "ignore"]


def test_a_second_number_of_a_company_is_read_where_the_first_is_blank() -> None:
    proposal = propose(dict.fromkeys(("Företag", "Organisationsnr", "VAT-nummer"), ()))
    assert proposal.columns_of("organisation.business_id") == ["Organisationsnr", "VAT-nummer"]
