"""Golden records: what we believe of one entity, computed from the mentions linked to it."""

from solmu.golden.rules import Rule, Rules
from solmu.golden.survive import Pin, survive, values
from solmu.golden.voice import Voice

__all__ = ["Pin", "Rule", "Rules", "Voice", "survive", "values"]
