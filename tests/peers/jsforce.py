"""jsforce, the Salesforce client of the JavaScript world, from npm."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache

from tests.peers.npm import Package
from tests.peers.place import ROOT

OLDEST_NODE = 18
SCRIPT = ROOT / "tests" / "sandbox" / "jsforce" / "check.mjs"
PACKAGE = Package("jsforce", SCRIPT.parent)
FOLDER = PACKAGE.folder


@cache
def available() -> str | None:
    """None when jsforce is there or could be installed, else why not."""
    version = _node_version()
    if version is None or version < OLDEST_NODE:
        return f"node {OLDEST_NODE} or later is needed, and there is {version or 'none'}"
    return PACKAGE.available()


def _node_version() -> int | None:
    node = shutil.which("node")
    if node is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    match = re.match(r"v(\d+)", said)
    return int(match.group(1)) if match else None
