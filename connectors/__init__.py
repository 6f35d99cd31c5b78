"""Connectors: one module a system. Each keeps to the contract in ``connectors.base``."""
