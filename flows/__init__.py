"""Prefect flows: order, retries, schedules, artifacts. They call the core and report; no business logic.

Settings that must be there before Prefect is imported are made here, as defaults: whoever sets them otherwise wins.
"""

import os

_DEFAULTS = {
    # A slow machine takes longer than Prefect's own limit of 20 s to start its temporary server.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
for _name, _value in _DEFAULTS.items():
    os.environ.setdefault(_name, _value)
