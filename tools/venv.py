"""Makes .venv from a lock file and installs Solmu into it, for the Makefile.

    PYTHON tools/venv.py run    what Solmu runs on: requirements.lock
    PYTHON tools/venv.py dev    that, and what its tests need: requirements-dev.lock

Run with the interpreter that .venv shall have; needs nothing but the standard library. By uv where it works, else by
pip. Whatever the installers say goes to .venv/install.log; on stdout is what a person who waits wants to know. Calls at
the same time wait for each other; one that finds its work done returns at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "install.log"
SETTING_UP = VENV / ".setting-up"  # held while we work; uv has a .lock of its own
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}


class InstallError(Exception):
    """An installer gave up; its words are in the log."""


def main(extent: str) -> int:
    VENV.mkdir(exist_ok=True)
    with one_at_a_time():
        if stamp(extent).is_file() and stamp(extent).read_text() == fingerprint(extent) and works(PYTHON):
            stamp(extent).touch()
            return 0
        return install(extent)


def install(extent: str) -> int:
    """Create or complete the environment and say what it took."""
    started = time.monotonic()
    uv = works("uv")
    packages = pins(LOCKS[extent])
    print(
        f"Setting up .venv: Python {sys.version.split()[0]}, {len(packages)} packages of {LOCKS[extent].name}, "
        f"by {'uv' if uv else 'pip'}. Downloads happen once.",
        flush=True,
    )
    LOG.write_text("")
    try:
        if not usable(uv):
            create(uv, started)
        if uv:
            pip = ["uv", "pip", "install", "--python", str(PYTHON)]
        else:
            pip = [str(PYTHON), "-m", "pip", "install", "--no-input", "--progress-bar=off"]
        # The lock names everything. An older pip that looked for itself would take `sqlalchemy[asyncio]`, which prefect
        # asks for, to be another package than the sqlalchemy that is locked, and want the newest.
        locked = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", str(LOCKS[extent])]
        run([*pip, *locked], started, len(packages))
        # The build backend came with the lock: nothing is fetched that the lock does not name.
        run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], started)
    except InstallError as error:
        print(f"{error} The end of {LOG.relative_to(ROOT)}:", file=sys.stderr)
        print("\n".join(LOG.read_text(errors="replace").splitlines()[-15:]), file=sys.stderr)
        return 1
    # The development lock is made on top of the other one and holds all of it.
    for done in ("run", "dev") if extent == "dev" else ("run",):
        stamp(done).write_text(fingerprint(done))
    megabytes = installed_bytes() / 1e6
    print(f"Installed in {time.monotonic() - started:.0f} s; .venv takes {megabytes:,.0f} MB.", flush=True)
    return 0


def stamp(extent: str) -> Path:
    """The file that tells make, by its time, and this script, by its content, that the work is done."""
    return VENV / f".installed-{extent}"


def fingerprint(extent: str) -> str:
    """What the environment depends on: the lock, Solmu's own metadata, the interpreter and where all this lies."""
    digest = hashlib.sha256()
    for part in (LOCKS[extent].read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), bytes(ROOT)):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest() + "\n"


def pins(lock: Path) -> list[str]:
    return re.findall(r"^[A-Za-z0-9._-]+==", lock.read_text(), flags=re.MULTILINE)


def works(program: str | Path) -> bool:
    """Whether the program can be run: a version manager's shim may exist and yet fail."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def usable(uv: bool) -> bool:
    """Whether the environment that is there has this interpreter's version, and pip if pip is needed."""
    wanted = f"{sys.version_info.major}.{sys.version_info.minor}"
    check = f"import sys; sys.exit('%d.%d' % sys.version_info[:2] != '{wanted}')" + ("" if uv else "; import pip")
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", check], capture_output=True).returncode == 0


def create(uv: bool, started: float) -> None:
    for entry in VENV.iterdir():
        if entry in (LOG, SETTING_UP):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    if uv:
        run(["uv", "venv", "--allow-existing", "--python", sys.executable, str(VENV)], started)
    else:
        run([sys.executable, "-m", "venv", str(VENV)], started)


def run(command: list[str], started: float, packages: int = 0) -> None:
    """Run an installer into the log, and print a line every few seconds that it is still at it.

    `started` is when the set-up began, `packages` how many this command fetches.
    """
    said = time.monotonic()
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1"}
    environment.pop("VIRTUAL_ENV", None)
    with LOG.open("a") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment
        )
        while process.poll() is None:
            time.sleep(0.05)
            elapsed = time.monotonic() - started
            if time.monotonic() - said >= (5 if elapsed < 30 else 20):
                said = time.monotonic()
                print(f"  {elapsed:4.0f} s  {progress(packages)}", flush=True)
    if process.returncode:
        raise InstallError(f"{Path(command[0]).name} failed with exit code {process.returncode}.")


def progress(packages: int) -> str:
    """What the log tells of how far the installer is; uv tells nothing before it is done."""
    text = LOG.read_text(errors="replace")
    if not packages:
        return "preparing"
    if "Installing collected packages" in text:
        return "unpacking"
    collected = len(re.findall(r"^Collecting ", text, flags=re.MULTILINE))
    return f"fetching, {collected} of {packages} packages" if collected else "fetching and unpacking"


def installed_bytes() -> int:
    """Size of the files in .venv, each counted once however often it is linked."""
    sizes = {}
    for folder, _, names in os.walk(VENV):
        for name in names:
            status = os.lstat(os.path.join(folder, name))
            sizes[status.st_dev, status.st_ino] = status.st_size
    return sum(sizes.values())


@contextmanager
def one_at_a_time() -> Iterator[None]:
    with SETTING_UP.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another set-up of .venv to end.", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    if sys.argv[1:] not in (["run"], ["dev"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
