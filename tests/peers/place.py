"""Where peers are installed that are not on the machine itself: `.peers/<name>/`, which git ignores.

Each is installed once, until what it is made from changes. Two processes of one test run may both find it missing: one
installs, the other waits.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_STEP_SECONDS = 1200


class InstallFailed(Exception):
    """A step of an installation failed or did not end; the message names its log."""


@dataclass(frozen=True)
class Place:
    """The folder of one peer."""

    name: str

    @property
    def folder(self) -> Path:
        return ROOT / ".peers" / self.name

    @property
    def python(self) -> Path:
        """The interpreter of its environment, where it has one."""
        return self.folder / "venv" / "bin" / "python"

    @property
    def _log(self) -> Path:
        return self.folder / "install.log"

    def once(self, made_from: Sequence[bytes], install: Callable[[], None]) -> None:
        """Call `install` unless it was called here for the same content. Raises what it raises."""
        wanted = hashlib.sha256(b"\0".join(made_from)).hexdigest()
        stamp = self.folder / "installed"
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if stamp.exists() and stamp.read_text() == wanted:
                return
            stamp.unlink(missing_ok=True)
            self._log.unlink(missing_ok=True)
            install()
            stamp.write_text(wanted)

    def environment(self, versions: Path, python: str = sys.executable, *options: str) -> None:
        """Make its environment, with what the file of versions states. Raises InstallFailed."""
        self.run([python, "-m", "venv", "--clear", str(self.folder / "venv")])
        install = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", *options]
        self.run([str(self.python), "-m", "pip", *install, "--requirement", str(versions)])

    def run(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path | str | None = None
    ) -> None:
        """A step of the installation; what it says goes to the log. Raises InstallFailed."""
        with self._log.open("a") as log:
            try:
                done = subprocess.run(
                    command, cwd=folder, env=environment, stdout=log, stderr=log, timeout=_STEP_SECONDS, check=False
                )
            except subprocess.TimeoutExpired:
                raise InstallFailed(f"a step of the installation did not end; see {self._log_name}") from None
        if done.returncode != 0:
            raise InstallFailed(f"a step of the installation failed; see {self._log_name}")

    @property
    def _log_name(self) -> Path:
        return self._log.relative_to(ROOT)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
