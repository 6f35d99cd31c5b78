"""Packages of the JavaScript world that tests compare with or judge by.

Each is installed into `.peers/<name>/`, which git ignores, from a lock file beside the tests; once, until that changes.
The first time takes seconds and the package registry that npm is set up for.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_INSTALL_SECONDS = 300


class InstallFailed(Exception):
    """npm could not install; the message names its log."""


@dataclass(frozen=True)
class Package:
    """``locked`` is the folder with its package.json and package-lock.json."""

    name: str
    locked: Path

    @property
    def folder(self) -> Path:
        """The folder that holds, or will hold, `node_modules`."""
        return ROOT / ".peers" / self.name

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
        wanted = hashlib.sha256(b"".join(each.read_bytes() for each in manifests)).hexdigest()
        stamp, log = self.folder / "installed", self.folder / "install.log"
        if stamp.exists() and stamp.read_text() == wanted:
            return self.folder
        self.folder.mkdir(parents=True, exist_ok=True)
        for each in manifests:
            shutil.copyfile(each, self.folder / each.name)
        # Without scripts: nothing that they need is built on installation.
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        with log.open("w") as out:
            try:
                done = subprocess.run(
                    command, cwd=self.folder, stdout=out, stderr=out, timeout=_INSTALL_SECONDS, check=False
                )
            except subprocess.TimeoutExpired:
                raise InstallFailed(f"npm ci did not end; see {log.relative_to(ROOT)}") from None
        if done.returncode != 0:
            raise InstallFailed(f"npm ci failed; see {log.relative_to(ROOT)}")
        stamp.write_text(wanted)
        return self.folder
