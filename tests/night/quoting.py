"""Quotes of an ERP, for hubs whose CRM takes deals. Synthetic names."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from solmu.config import Hub, load_hub

ERP = """
connector: spreadsheet
direction: source
settings: {folder: data}
streams:
  quotes: {files: quotes.csv, key: [Quote], mapping: quote}
"""
QUOTE = """
record: deal
organisation: {name: Company, business_id: {from: Business id, country: {const: FI}}, country: {const: FI}}
deal: {number: Quote, name: Title, stage: Stage, amount: Amount, on: Closes}
"""
KOTKA = ("Kotka Kone Oy", "2092540-6")
SORVI = ("Suomen Sorvi Oy", "")
LASER = ("Q1", *KOTKA, "Laser", "Quoted", "1000", "2030-01-31")


def with_quotes(hub: Hub) -> Hub:
    """The hub of ``tests/hubs.py`` with an ERP that has one quote, ``LASER``."""
    (hub.folder / "connections" / "erp.yaml").write_text(ERP.lstrip())
    (hub.folder / "mappings" / "sources" / "quote.yaml").write_text(QUOTE.lstrip())
    quotes(hub, LASER)
    return load_hub(hub.folder)


def quotes(hub: Hub, *rows: Sequence[str]) -> None:
    """Write the ERP's quotes anew."""
    with (hub.folder / "data" / "quotes.csv").open("w", newline="", encoding="utf-8") as file:
        head = ("Quote", "Company", "Business id", "Title", "Stage", "Amount", "Closes")
        csv.writer(file).writerows([head, *rows])
