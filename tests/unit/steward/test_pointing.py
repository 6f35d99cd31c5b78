"""Golden records are found by what a person has in front of them, and records by what `explain` calls them."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from solmu.errors import SolmuError
from solmu.model import Entity
from solmu.steward.pointing import mention_named, mentions_named, point
from solmu.store.tables import HANGING, cursor, order, remote, source_record
from tests.unit.steward.conftest import Desk

SALESFORCE_ID = "0018d00000AbCdEAAV"
"""15 characters and the three that say which of them are capitals."""


@pytest.fixture
def both(desk: Desk) -> list[int]:
    """A company and a person on one card, in a CRM and with an order."""
    ids = desk.add(
        {"name": "Merivirta Oy", "country": "FI", "business_id": "FI:20925406"},
        {"name": "Aino Laine", "given_name": "Aino", "family_name": "Laine", "phone": ["+358401234567"],
         "email": ["aino.laine@merivirta.example"]},
    )  # fmt: skip
    desk.settle()
    with desk.store.write() as connection:
        connection.execute(
            insert(remote).values(
                target="crm", object="accounts", remote_id=SALESFORCE_ID, stamped=False, mention_id=ids[0],
                role="primary", state="live", written={}, observed={}, agreed={}, updated_at=1,
            )
        )  # fmt: skip
        connection.execute(
            insert(order).values(
                record_id=1, slot="order", mention_id=ids[0], state="live", document={}, document_hash=b"",
                number="SO-1001",
            )
        )  # fmt: skip
    return ids


def test_whatever_is_in_front_of_a_person_leads_to_the_golden_record(desk: Desk, both: list[int]) -> None:
    company, person = both
    with desk.store.read() as connection:
        born = point(connection, "Merivirta Oy").public_id
        for text in (
            born,
            born.upper(),
            "merivirta oy",
            SALESFORCE_ID,
            SALESFORCE_ID[:15],
            f"https://merivirta.lightning.example/lightning/r/Account/{SALESFORCE_ID}/view",
            f"https://crm.example/{SALESFORCE_ID}?tab=related#top",
            "SO-1001",
            "2092540-6",
            "FI20925406",
            "Y-tunnus 2092540-6",
        ):
            assert point(connection, text).id == company, text
        for text in (
            "aino.laine@merivirta.example",
            "+358 40 123 4567",
            "00358401234567",
            "040 123 4567",
            "Aino Laine",
        ):
            assert point(connection, text).id == person, text


def test_a_task_a_deal_and_an_order_lead_to_the_customer_whose_they_are(desk: Desk, both: list[int]) -> None:
    company, person = both
    opportunity, task, made_there = "0068d00000ZyXwEAAV", "00T8d00000QqRrSAAV", "0068d00000MmNnOAAV"
    with desk.store.write() as connection:
        for key, name, whose in (("4711", "deal", company), ("4712", "lead", person), (made_there, "deal", company)):
            stream = "opportunities" if key == made_there else name
            record = connection.execute(
                insert(source_record)
                .values(connection="erp", stream=stream, key=key, state="mapped", run_id="run")
                .returning(source_record.c.id)
            ).scalar_one()
            hung = connection.execute(
                insert(HANGING[name])
                .values(record_id=record, slot=name, mention_id=whose, state="live", document={}, document_hash=b"")
                .returning(HANGING[name].c.id)
            ).scalar_one()
            if key != made_there:
                connection.execute(
                    insert(remote).values(
                        target="crm", object=name, remote_id=opportunity if name == "deal" else task, stamped=False,
                        hanging=name, hanging_id=hung, role="primary", state="live", written={}, observed={}, agreed={},
                        updated_at=1,
                    )
                )  # fmt: skip
        connection.execute(insert(cursor).values(connection="erp", stream="opportunities", run_id="run", updated_at=1))
    with desk.store.read() as connection:
        for text in (
            opportunity,
            opportunity[:15],
            f"https://merivirta.lightning.example/lightning/r/Opportunity/{opportunity}/view",
            "erp/deal/4711",
            made_there,
            made_there[:15],
            f"https://merivirta.lightning.example/lightning/r/Opportunity/{made_there}/view",
        ):
            assert point(connection, text).id == company, text
        for text in (task, f"https://merivirta.lightning.example/lightning/r/Task/{task}/view", "erp/lead/4712"):
            assert point(connection, text).id == person, text


def test_a_record_that_speaks_of_several_is_asked_which(desk: Desk, both: list[int]) -> None:
    with desk.store.read() as connection:
        with pytest.raises(SolmuError) as refused:
            point(connection, "erp/cards/1")
        assert refused.value.code == "several-found"
        assert "(Aino Laine, aino.laine@merivirta.example, 1 record)" in str(refused.value.expected)
        assert mention_named(connection, "erp/cards/1", entity=Entity.PERSON)[1] == both[1]
        assert mention_named(connection, "erp/cards/1#organisation")[1] == both[0]
        assert mentions_named(connection, point(connection, "Merivirta Oy"), ["1"]) == {both[0]}
        with pytest.raises(SolmuError) as unknown:
            mentions_named(connection, point(connection, "Merivirta Oy"), ["erp/cards/7"])
        assert unknown.value.expected == "one of erp/cards/1"


def test_what_nobody_knows_is_told_with_what_could_be_given(desk: Desk, both: list[int]) -> None:
    with desk.store.read() as connection:
        for text in ("Nobody Ltd", "000 000", "https://", "erp/cards/9", "org_zzzz"):
            with pytest.raises(SolmuError) as refused:
                point(connection, text)
            assert (refused.value.code, bool(refused.value.expected)) == ("not-found", True)


def test_of_two_names_the_one_that_nobody_bears_is_told(desk: Desk, both: list[int]) -> None:
    with desk.store.read() as connection, pytest.raises(SolmuError, match="nothing is known by 'Marivirta Oy'"):
        point(connection, "Marivirta Oy")
