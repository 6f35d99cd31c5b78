"""The wheel, installed as a user would: in an environment of its own, without a compiler, used from anywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ["solmu", "connectors", "flows", "mappings"]
pytestmark = pytest.mark.timeout(900)  # where there is no uv, pip takes a minute or two for what the wheel needs
# Not rustc, whose version pip tells the index; what is built of Rust is built by cargo.
COMPILERS = ["cc", "c++", "gcc", "g++", "clang", "clang++", "cargo"]


def uv() -> str | None:
    """uv, if it can be run; a version manager's shim may exist and yet fail."""
    program = shutil.which("uv")
    works = program is not None and subprocess.run([program, "--version"], capture_output=True).returncode == 0
    return program if works else None


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_holds_the_packages_whole_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert held == {
        path.relative_to(ROOT).as_posix()
        for package in SHIPPED
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_carries_the_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]


@dataclass(frozen=True)
class Installation:
    """An environment that holds the lock's packages and the wheel, and a folder elsewhere to use it from."""

    programs: Path
    elsewhere: Path
    environment: dict[str, str]

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.programs / program), *arguments]
        return subprocess.run(command, cwd=self.elsewhere, env=self.environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    called = folder / "compiler-was-called"
    environment = os.environ | {"PATH": os.pathsep.join([str(no_compilers(folder, called)), os.environ["PATH"]])}
    environment.pop("PYTHONPATH", None)
    install(wheel, folder / "venv", environment)

    elsewhere = folder / "elsewhere"
    for package in ("solmu", "connectors", "flows", "mappings"):
        (elsewhere / package).mkdir(parents=True)
        (elsewhere / package / "__init__.py").write_text("raise ImportError('this is somebody else’s package')\n")

    yield Installation(folder / "venv/bin", elsewhere, environment)

    assert not called.exists()


def no_compilers(folder: Path, called: Path) -> Path:
    """A folder of compilers to stand before the machine's own: they fail, and tell that they were called."""
    programs = folder / "no-compilers"
    programs.mkdir()
    for name in COMPILERS:
        (programs / name).write_text(f"#!/bin/sh\necho {name} >> '{called}'\nexit 1\n")
        (programs / name).chmod(0o755)
    return programs


def install(wheel: Path, venv: Path, environment: dict[str, str]) -> None:
    program = uv()
    if program is not None:
        create = [program, "venv", "--python", sys.executable, str(venv)]
        pip = [program, "pip", "install", "--python", str(venv / "bin/python")]
    else:
        create = [sys.executable, "-m", "venv", str(venv)]
        pip = [str(venv / "bin/python"), "-m", "pip", "install", "--no-compile"]
    only_wheels = ["--only-binary", ":all:"]
    subprocess.run(create, check=True, env=environment, capture_output=True)
    # The lock names everything; an older pip that looked for itself would want more (tools/venv.py says what).
    lock = ["--require-hashes", "--no-deps", "-r", str(ROOT / "requirements.lock")]
    subprocess.run([*pip, *only_wheels, *lock], check=True, env=environment, capture_output=True)
    subprocess.run([*pip, *only_wheels, "--no-deps", str(wheel)], check=True, env=environment, capture_output=True)


def test_the_command_works_where_other_packages_have_our_names(installation: Installation) -> None:
    helped = installation.run("solmu", "--help")

    assert helped.returncode == 0, helped.stderr
    assert "rebuild" in helped.stdout


def test_a_hub_is_made_and_found_sound(installation: Installation) -> None:
    made = installation.run("solmu", "init", "hub")
    examined = installation.run("solmu", "doctor", "--hub", "hub", "--output", "json")

    assert made.returncode == 0, made.stderr
    assert examined.returncode == 0, examined.stderr


def test_every_plug_in_that_is_declared_loads(installation: Installation) -> None:
    """In safe-path mode, as the console script runs: Python would else put the current folder first."""
    probe = """
from importlib.metadata import distribution
for plug_in in distribution("solmu").entry_points:
    print(plug_in.load().__module__)
"""
    loaded = installation.run("python", "-P", "-c", probe)

    assert loaded.returncode == 0, loaded.stderr
    assert {name.partition(".")[0] for name in loaded.stdout.split()} == {"solmu", "connectors", "flows"}
