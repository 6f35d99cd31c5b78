"""The README's list of folders is the architecture."""

from __future__ import annotations

import re
import subprocess

from tests.docs.pages import ROOT, Page

README = Page(ROOT / "README.md")
TREE = next(block for block in README.blocks("text") if block.startswith("solmu/"))


def test_every_folder_in_the_list_is_there() -> None:
    for folder in re.findall(r"^(\w+/)", TREE, re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder
    for part in re.findall(r"^  ([\w.]+/?)", TREE, re.MULTILINE):
        assert (ROOT / "solmu" / part).exists(), part


def test_every_folder_that_is_there_is_in_the_list() -> None:
    listed = set(re.findall(r"^(\w+)/", TREE, re.MULTILINE))
    tracked = subprocess.run(["git", "ls-files", "*/*"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    there = {path.partition("/")[0] for path in tracked.splitlines()}
    assert {name for name in there if not name.startswith(".")} <= listed


def test_every_part_of_the_core_is_in_the_list() -> None:
    listed = set(re.findall(r"^  ([\w.]+)", TREE, re.MULTILINE))
    parts = {path.name for path in (ROOT / "solmu").iterdir() if not path.name.startswith("_")}
    assert parts - {"py.typed"} == listed


def test_folders_of_the_tests_are_real() -> None:
    line = next(line for line in TREE.splitlines() if line.startswith("tests/"))
    for name in re.findall(r" (\w+)/", line):
        assert (ROOT / "tests" / name).is_dir(), name
