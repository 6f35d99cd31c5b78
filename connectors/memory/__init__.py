"""The reference connector: a small, well-behaved system in memory, which can be told to misbehave.

It has every capability of the contract, so that the core and the contract suite have something exact to be tried on.
What it holds is a *space*, found by name in this process: two connections that are opened on one space see the same
records. With the setting ``file`` a space lives in that SQLite file and survives the process.
"""

from connectors.memory.connector import MemoryConnector, MemorySettings, MemoryStream
from connectors.memory.space import Space, Stored, Trouble, space

__all__ = ["MemoryConnector", "MemorySettings", "MemoryStream", "Space", "Stored", "Trouble", "space"]
