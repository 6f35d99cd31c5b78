"""jsforce, the Salesforce client of the JavaScript world, from npm.

It is installed into `.peers/jsforce/`, which git ignores, from the lock file in tests/sandbox/jsforce; once, until that
changes. The first time takes ten seconds and the package registry that npm is set up for.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

OLDEST_NODE = 18
_ROOT = Path(__file__).resolve().parents[2]
SCRIPT = _ROOT / "tests" / "sandbox" / "jsforce" / "check.mjs"
FOLDER = _ROOT / ".peers" / "jsforce"
_LOG = FOLDER / "install.log"
_STAMP = FOLDER / "installed"
_INSTALL_SECONDS = 300


@cache
def available() -> str | None:
    """None when jsforce is there or could be installed, else why not."""
    if shutil.which("npm") is None:
        return "there is no npm"
    version = _node_version()
    if version is None or version < OLDEST_NODE:
        return f"node {OLDEST_NODE} or later is needed, and there is {version or 'none'}"
    try:
        set_up()
    except InstallFailed as problem:
        return str(problem)
    return None


class InstallFailed(Exception):
    """npm could not install; the message names its log."""


def set_up() -> Path:
    """The folder that holds `node_modules`; installs by `npm ci` what the lock file names. Raises InstallFailed."""
    manifests = [SCRIPT.with_name(name) for name in ("package.json", "package-lock.json")]
    wanted = hashlib.sha256(b"".join(each.read_bytes() for each in manifests)).hexdigest()
    if _STAMP.exists() and _STAMP.read_text() == wanted:
        return FOLDER
    FOLDER.mkdir(parents=True, exist_ok=True)
    for each in manifests:
        shutil.copyfile(each, FOLDER / each.name)
    # Without scripts: nothing that it needs is built on installation.
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    with _LOG.open("w") as log:
        try:
            done = subprocess.run(command, cwd=FOLDER, stdout=log, stderr=log, timeout=_INSTALL_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise InstallFailed(f"npm ci did not end; see {_LOG.relative_to(_ROOT)}") from None
    if done.returncode != 0:
        raise InstallFailed(f"npm ci failed; see {_LOG.relative_to(_ROOT)}")
    _STAMP.write_text(wanted)
    return FOLDER


def _node_version() -> int | None:
    node = shutil.which("node")
    if node is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    match = re.match(r"v(\d+)", said)
    return int(match.group(1)) if match else None
