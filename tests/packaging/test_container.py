"""The Containerfile names what there is. Building it needs a base image, and so a network that tests don't have."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def copied() -> set[str]:
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    lines = [line.split()[1:-1] for line in text.splitlines() if re.match(r"COPY (?!--from)", line)]
    return {name for line in lines for name in line}


def test_all_that_it_copies_is_there_and_let_through() -> None:
    let_through = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert let_through[0] == "*"
    for name in copied():
        assert (ROOT / name).exists()
        assert f"!{name}" in let_through


def test_every_package_of_the_wheel_and_what_its_metadata_needs_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {*project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"], project["project"]["readme"]}
    assert needed | {"pyproject.toml", "LICENSE", "requirements.lock"} <= copied()
