"""Log in once for a mailbox whose connection says ``grant: device_code``: ``python -m connectors.mailbox CONNECTION``.

It shows where to go and which code to enter, and waits until somebody has. Run it in the hub's folder, or give the
folder as the second argument.
"""

from __future__ import annotations

import sys
from pathlib import Path

from connectors.mailbox.connector import MailboxConnector
from solmu.config import find_hub, load_hub
from solmu.config.connectors import open_connector
from solmu.errors import ConfigurationError, SolmuError


def main(arguments: list[str]) -> int:
    """Exit code 0 when logged in, 2 for a wrong command line or configuration, 1 for a login that failed."""
    if len(arguments) not in (1, 2):
        sys.stderr.write("usage: python -m connectors.mailbox CONNECTION [HUB_FOLDER]\n")
        return 2
    try:
        hub = load_hub(Path(arguments[1]) if len(arguments) == 2 else find_hub())
        connection = hub.connections.get(arguments[0])
        if connection is None:
            raise ConfigurationError(
                f"there is no connection {arguments[0]!r}", expected=", ".join(hub.connections) or "a mailbox"
            )
        with open_connector(hub, connection) as connector:
            if not isinstance(connector, MailboxConnector):
                raise ConfigurationError(f"{arguments[0]} is no mailbox", expected="a connection of connector: mailbox")
            connector.log_in(_tell)
    except SolmuError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    _tell("Logged in.")
    return 0


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
