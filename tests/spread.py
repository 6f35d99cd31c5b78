"""How the tests are spread over the processes that run them (pytest-xdist)."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/faults/", "tests/flows/")
"""Folders whose tests share what takes long to make: warmed nights, a server of Prefect."""


class ByFile(LoadFileScheduling):
    """Whichever process is free takes the next file as a whole, and all files of a folder that is ``TOGETHER``."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)
