"""A hub's folder: ``hub.yaml`` and ``connections/*.yaml`` become checked settings, or an error with file and line."""

from solmu.config.connections import ConnectionConfig, StreamConfig
from solmu.config.hub import Hub, find_hub, load_hub
from solmu.config.init import init_hub
from solmu.config.settings import HubSettings
from solmu.config.write import write_connection

__all__ = [
    "ConnectionConfig",
    "Hub",
    "HubSettings",
    "StreamConfig",
    "find_hub",
    "init_hub",
    "load_hub",
    "write_connection",
]
