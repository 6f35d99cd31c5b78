"""Solmu: an integration and synchronisation hub for customer data.

The core. It runs without Prefect and imports neither a connector nor a flow: connectors are found through the
entry-point group ``solmu.connectors``.
"""

__version__ = "0.1.0"
