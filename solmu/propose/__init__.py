"""Proposing a mapping for a list that nobody has described: from its header and some of its values. Pure."""

from solmu.propose.columns import changed_columns, key_columns
from solmu.propose.document import mapping_document
from solmu.propose.evidence import Order
from solmu.propose.proposal import LEAST, Column, Kind, Proposal, corrected, propose
from solmu.propose.text import mapping_text

__all__ = [
    "LEAST",
    "Column",
    "Kind",
    "Order",
    "Proposal",
    "changed_columns",
    "corrected",
    "key_columns",
    "mapping_document",
    "mapping_text",
    "propose",
]
