"""Proposing a mapping for a list that nobody has described: from its header and some of its values. Pure."""

from solmu.propose.document import mapping_document
from solmu.propose.proposal import LEAST, Column, Proposal, propose

__all__ = ["LEAST", "Column", "Proposal", "mapping_document", "propose"]
