"""Packages of the JavaScript world that tests compare with or judge by.

Each is installed from a lock file beside the tests. The first time takes seconds and the package registry that npm is
set up for.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.peers.place import InstallFailed, Place


@dataclass(frozen=True)
class Package:
    """``locked`` is the folder with its package.json and package-lock.json."""

    name: str
    locked: Path

    @property
    def folder(self) -> Path:
        """The folder that holds, or will hold, `node_modules`."""
        return Place(self.name).folder

    def available(self) -> str | None:
        """None when it is there or could be installed, else why not."""
        if shutil.which("npm") is None:
            return "there is no npm"
        try:
            self.set_up()
        except InstallFailed as problem:
            return str(problem)
        return None

    def set_up(self) -> Path:
        """Its folder; installs by `npm ci` what the lock file names. Raises InstallFailed."""
        manifests = [self.locked / name for name in ("package.json", "package-lock.json")]
        place = Place(self.name)

        def install() -> None:
            for each in manifests:
                shutil.copyfile(each, place.folder / each.name)
            # Without scripts: nothing that they need is built on installation.
            place.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder=place.folder)

        place.once([each.read_bytes() for each in manifests], install)
        return place.folder
