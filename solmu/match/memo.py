"""How much of what was worked out is remembered."""

MEMO = 16_384
"""Answers of one function about names, addresses and the like. Neighbours come together, so that four times as many
took a fifth more memory and no less time."""
