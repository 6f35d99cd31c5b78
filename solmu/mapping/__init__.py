"""Mappings: YAML that turns records into mentions, and golden records into what a CRM takes. Data, no code."""

from solmu.mapping.outputs import OUTPUTS
from solmu.mapping.schema import mapping_schema
from solmu.mapping.source import SourceMapping, load_source_mapping, map_batch
from solmu.mapping.target import TargetMapping, load_target_mapping
from solmu.mapping.transforms import TRANSFORMS
from solmu.mapping.values import (
    Mapped,
    MappedConsent,
    MappedHanging,
    MappedMention,
    MappingWarning,
    Reference,
    Wanted,
)

__all__ = [
    "OUTPUTS",
    "TRANSFORMS",
    "Mapped",
    "MappedConsent",
    "MappedHanging",
    "MappedMention",
    "MappingWarning",
    "Reference",
    "SourceMapping",
    "TargetMapping",
    "Wanted",
    "load_source_mapping",
    "load_target_mapping",
    "map_batch",
    "mapping_schema",
]
