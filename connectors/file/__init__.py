"""Files as a target: CSV, XLSX or Parquet in a folder, for CRMs that Solmu has no connector for.

What the folder holds is kept in a small SQLite file beside them, the *ledger*; it is the system that this connector
writes to. The files are made from it when a connection closes: for each stream the full, current list, and in
``deltas/`` one file a night with what is new or changed. Nothing is ever read back from them.
"""

from connectors.file.connector import FileConnector
from connectors.file.settings import FileSettings, FileStream

__all__ = ["FileConnector", "FileSettings", "FileStream"]
