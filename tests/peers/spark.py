"""Spark, on this machine: pyspark from PyPI in an environment of its own, beside everything that Solmu has installed.

It is installed with the versions that spark.txt states. Its distribution is source only, which pip builds without a
compiler; the first time takes a minute, 500 MB and the package index that pip is set up for. Java 17 or later must be
there: Debian's package `openjdk-17-jre-headless`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

from tests.peers.place import ROOT, InstallFailed, Place

OLDEST_JAVA = 17
_VERSIONS = Path(__file__).with_name("spark.txt")
_PLACE = Place("spark")


@cache
def available() -> str | None:
    """None when Spark is there or could be installed, else why not."""
    version = _java_version()
    if version is None or version < OLDEST_JAVA:
        return f"Java {OLDEST_JAVA} or later is needed, and there is {version or 'none'}"
    try:
        set_up()
    except InstallFailed as problem:
        return str(problem)
    return None


def set_up() -> Path:
    """The Python that has pyspark, and all that this one has. Raises InstallFailed."""
    _PLACE.once([_VERSIONS.read_bytes(), sys.version.encode(), sys.prefix.encode()], _install)
    return _PLACE.python


def _install() -> None:
    _PLACE.environment(_VERSIONS)
    [packages] = (_PLACE.folder / "venv").glob("lib/python*/site-packages")
    (packages / "solmu-tests.pth").write_text(sysconfig.get_path("purelib") + "\n")


def run(module: str, *arguments: str, seconds: float) -> Any:
    """What a module of this project prints there as JSON. Raises RuntimeError with what it said where it fails."""
    command = [str(set_up()), "-m", module, *arguments]
    if shutil.which("setpriv") is not None:
        command = ["setpriv", "--pdeathsig=TERM", *command]  # not to outlive a run that is killed
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
    # What a Java that lives for a minute compiles thoroughly, it never runs often enough.
    environment["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{module} failed:\n{done.stderr[-5_000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def _java_version() -> int | None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None or not Path(java).exists():
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=10, check=False).stderr
    match = re.search(r'version "(\d+)', said)
    return int(match.group(1)) if match else None
