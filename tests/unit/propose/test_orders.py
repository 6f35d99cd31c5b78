"""A table of orders is known by its columns, and by whose they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from solmu.propose.orders import Orders, propose_orders

DAYS = ["2026-01-02", "2026-02-13"]


def of_customers(samples: Mapping[str, Sequence[Any]], title: str = "") -> Orders | None:
    return propose_orders(samples, lambda _: "customers", title=title)


def of_nobody(samples: Mapping[str, Sequence[Any]]) -> Orders | None:
    return propose_orders(samples, lambda _: None)


def test_orders_belong_to_the_customers_of_another_stream() -> None:
    found = of_customers(
        {"id": [1, 2], "order_no": ["S-1", "S-2"], "customer_id": [7, 8], "ordered_on": DAYS, "total": [12.5, 99],
         "currency": ["EUR", "SEK"], "status": ["open", "done"], "shelf": ["a", "b"]}
    )  # fmt: skip
    assert found is not None
    assert found.document == {
        "record": "order",
        "order": {
            "number": "order_no",
            "kind": {"const": "order"},
            "on": "ordered_on",
            "amount": "total",
            "currency": "currency",
            "status": "status",
            "of": {"stream": "customers", "key": {"from": "customer_id"}},
        },
        "ignore": ["id"],
    }
    assert (found.rows, found.reads) == ("order", 6)
    assert [each.name for each in found.columns if each.field is None] == ["shelf"]


def test_where_the_row_names_the_customer_no_other_stream_is_needed() -> None:
    found = of_nobody(
        {
            "Tilausnro": ["1", "2"],
            "Asiakasnumero": ["7", "8"],
            "Yritys": ["Kotka Kone Oy", "Suomen Sorvi Oy"],
            "Päivä": ["13.1.2026", "2.2.2026"],
            "Summa": ["12,50", "3"],
        }
    )
    assert found is not None
    assert found.document["organisation"] == {
        "customer_number": {"from": "Asiakasnumero"},
        "name": {"from": "Yritys"},
    }
    assert found.document["order"] == {
        "number": "Tilausnro",
        "kind": {"const": "order"},
        "on": {"from": "Päivä", "order": "dmy"},
        "amount": "Summa",
    }


def test_invoices_and_lines_are_told_from_orders() -> None:
    invoice = of_customers({"Rechnungsnr.": ["1"], "Kunden-Nr.": ["7"], "Rechnungsdatum": DAYS[:1], "Betrag": ["9"]})
    assert invoice is not None
    assert (invoice.rows, invoice.document["order"]["kind"]) == ("invoice", {"const": "invoice"})
    line = of_customers({"Order no": ["1"], "Line": ["1"], "Item": ["Press"], "Qty": ["2"], "Customer no": ["7"]})
    assert line is not None
    assert line.document["order_line"] == {
        "number": "Order no",
        "line": "Line",
        "product": "Item",
        "quantity": "Qty",
        "of": {"stream": "customers", "key": {"from": "Customer no"}},
    }


def test_a_table_called_orders_is_numbered_by_its_own_key() -> None:
    table = {"id": [1, 2], "customer_id": [7, 8], "created_at": DAYS, "amount": [1, 2]}
    assert of_customers(table) is None
    found = of_customers(table, "sales_orders")
    assert found is not None
    assert (found.document["order"]["number"], found.document["order"]["on"]) == ("id", "created_at")
    assert "ignore" not in found.document


@pytest.mark.parametrize(
    "columns",
    [
        {"Company": ["Kotka Kone Oy"], "E-mail": ["a@kotka.example"], "Date": DAYS[:1], "Interest": ["Press"]},
        {"id": [1], "total": [900]},
        {"order_no": [1], "total": [900], "customer_id": [7]},
        {"order_no": ["S-1"], "total": ["dear"], "ordered_on": ["soon"], "name": ["Kotka Kone Oy"]},
    ],
)
def test_what_is_no_order_or_nobodys_gets_no_proposal(columns: dict[str, list[Any]]) -> None:
    assert of_nobody(columns) is None


def test_the_customer_of_an_order_may_be_called_what_the_customers_table_calls_its_key() -> None:
    found = of_customers(
        {"auftragsnummer": [1, 2], "kd_nr": [7, 8], "auftragsdatum": DAYS, "betrag": [12.5, 99], "währung": ["EUR"] * 2}
    )
    assert found is not None
    assert found.document["order"]["of"] == {"stream": "customers", "key": {"from": "kd_nr"}}
    of_a_kind_of_its_own = {"order_no": [1, 2], "mandant_ref": [7, 8], "order_date": DAYS}
    assert propose_orders(of_a_kind_of_its_own, lambda _: "customers") is None
    found = propose_orders(of_a_kind_of_its_own, lambda _: "customers", customer_keys=["MANDANT_REF"])
    assert found is not None
    assert found.document["order"]["of"] == {"stream": "customers", "key": {"from": "mandant_ref"}}


def test_the_key_of_a_table_that_is_called_orders_is_their_number() -> None:
    samples = {"vg_x": [1, 2], "kd_nr": [7, 8], "datum": DAYS, "netto": [1, 2.5], "waehrung": ["EUR", "EUR"]}
    found = propose_orders(samples, lambda _: "customers", title="auftraege", key=["vg_x"])
    assert found is not None
    assert found.document["order"]["number"] == "vg_x"
    assert found.document["order"]["amount"] == "netto"
    assert propose_orders(samples, lambda _: "customers", title="belegung", key=["vg_x"]) is None
