"""Spark, on this machine: pyspark from PyPI in an environment of its own, beside everything that Solmu has installed.

It is installed into `.peers/spark/`, which git ignores, with the versions that spark.txt states; once, until those
change. Its distribution is source only, which pip builds without a compiler; the first time takes a minute, 500 MB and
the package index that pip is set up for. Java 17 or later must be there: Debian's package `openjdk-17-jre-headless`.
"""

from __future__ import annotations

import hashlib
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

OLDEST_JAVA = 17
_INSTALL_SECONDS = 600
_ROOT = Path(__file__).resolve().parents[2]
_VERSIONS = Path(__file__).with_name("spark.txt")
_FOLDER = _ROOT / ".peers" / "spark"
_LOG = _FOLDER / "install.log"
_STAMP = _FOLDER / "installed"


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


class InstallFailed(Exception):
    """pip could not install; the message names its log."""


def set_up() -> Path:
    """The Python that has pyspark, and all that this one has. Raises InstallFailed."""
    python = _FOLDER / "venv" / "bin" / "python"
    wanted = hashlib.sha256(_VERSIONS.read_bytes() + sys.version.encode() + sys.prefix.encode()).hexdigest()
    if _STAMP.exists() and _STAMP.read_text() == wanted:
        return python
    _FOLDER.mkdir(parents=True, exist_ok=True)
    steps = [
        [sys.executable, "-m", "venv", "--clear", str(_FOLDER / "venv")],
        [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--requirement", str(_VERSIONS)],
    ]
    with _LOG.open("w") as log:
        for step in steps:
            try:
                done = subprocess.run(step, stdout=log, stderr=log, timeout=_INSTALL_SECONDS, check=False)
            except subprocess.TimeoutExpired:
                raise InstallFailed(f"the installation did not end; see {_LOG.relative_to(_ROOT)}") from None
            if done.returncode != 0:
                raise InstallFailed(f"the installation failed; see {_LOG.relative_to(_ROOT)}")
    [packages] = (_FOLDER / "venv").glob("lib/python*/site-packages")
    (packages / "solmu-tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    _STAMP.write_text(wanted)
    return python


def run(module: str, *arguments: str, seconds: float) -> Any:
    """What a module of this project prints there as JSON. Raises RuntimeError with what it said where it fails."""
    command = [str(set_up()), "-m", module, *arguments]
    if shutil.which("setpriv") is not None:
        command = ["setpriv", "--pdeathsig=TERM", *command]  # not to outlive a run that is killed
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
    # What a Java that lives for a minute compiles thoroughly, it never runs often enough.
    environment["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    done = subprocess.run(
        command, cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=seconds, check=False
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
