"""Any database that SQLAlchemy reaches, through queries that the connection states. It is only ever read.

With a ``cursor`` column a stream is read by increments: from the cursor's value on, that value included, so that rows
that share it come again rather than never, and ``lag_seconds`` earlier, for transactions that commit late. Without one,
every read gives the whole list.
"""

from connectors.sql.connector import SqlConnector
from connectors.sql.settings import QueryStream, SqlSettings

__all__ = ["QueryStream", "SqlConnector", "SqlSettings"]
