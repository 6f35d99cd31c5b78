"""What pages show works: YAML is valid, commands exist, code runs."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from connectors.base import Connector
from solmu.cli import app
from solmu.config import init_hub, load_hub
from solmu.config.connectors import open_connector
from solmu.exchange import Row
from solmu.mapping import load_source_mapping, load_target_mapping
from solmu.mapping.source import SourceMapping
from solmu.mapping.target import TargetMapping
from tests.docs.pages import DOCS, ROOT, Page, written

PAGES = written()
LANGUAGES = {"sh", "yaml", "python", "json", "toml", "csv", "text"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_of_code_say_what_they_are(page: Page) -> None:
    assert page.languages() <= LANGUAGES


# --- YAML ---------------------------------------------------------------------------------------------------------

YAML = [(page, number) for page in PAGES for number in range(len(page.blocks("yaml")))]


@pytest.mark.parametrize(("page", "number"), YAML, ids=[f"{page.name}-{number + 1}" for page, number in YAML])
def test_every_yaml_example_is_valid(page: Page, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins with the file that it is; the other examples of its page stand beside it in one hub."""
    blocks = {file_of(block): block for block in page.blocks("yaml")}
    block = page.blocks("yaml")[number]
    file = file_of(block)
    for name in re.findall(r"\$\{(\w+)\}", "".join(blocks.values())):
        monkeypatch.setenv(name, "sqlite://" if name.endswith("URL") else "secret")
    init_hub(tmp_path)
    for each, text in {**blocks, file: block}.items():
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).write_text(text, encoding="utf-8")
    hub = load_hub(tmp_path)
    folder, _, name = file.removesuffix(".yaml").partition("/")
    if folder == "connections":
        config = hub.connection(name)
        open_connector(hub, config).close()
        mapped = [stream.mapping for stream in config.streams.values()]
        assert all(mapped), "an example shows the mapping of each stream"
    elif folder == "mappings":
        side, _, mapping = name.partition("/")
        load_mapping(hub, side, mapping)


def load_mapping(hub: Any, side: str, name: str) -> SourceMapping | TargetMapping:
    assert side in ("sources", "targets")
    return load_source_mapping(hub, name) if side == "sources" else load_target_mapping(hub, name)


def file_of(block: str) -> str:
    found = re.match(r"# ((?:hub|connections/[\w-]+|mappings/(?:sources|targets)/[\w/-]+)\.yaml)\n", block)
    assert found, f"the first line should say which file of a hub this is: {block[:40]!r}"
    return found[1]


# --- commands -----------------------------------------------------------------------------------------------------

# Programs that readers have; `solmu`, `make` and `python` are looked at more closely.
PROGRAMS = {"cd", "curl", "export", "git", "openssl", "mkdir", "cp", ".", "podman", "prefect", "pip"}
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
LINES = [(page, line) for page in PAGES for block in page.blocks("sh") for line in block.splitlines() if line.strip()]
INLINE = [(page, code) for page in PAGES for code in page.inline() if re.match(r"(solmu|make) ", code)]


@pytest.mark.parametrize(("page", "line"), LINES + INLINE, ids=lambda each: getattr(each, "name", None) or each[:60])
def test_every_command_that_is_shown_exists(page: Page, line: str) -> None:
    program, *rest = shlex.split(line, comments=True)
    match program:
        case "solmu":
            check_solmu(rest, whole=(page, line) in LINES)
        case "make":
            assert {word for word in rest if "=" not in word} <= TARGETS
        case "python":
            assert rest[:1] == ["-m"]
            assert importlib.util.find_spec(rest[1]) is not None
        case _:
            assert program in PROGRAMS


def check_solmu(words: list[str], *, whole: bool) -> None:
    """The command is there, and takes these words. Within a line of prose a command may lack its arguments."""
    command: Any = typer.main.get_command(app)
    context = command.context_class(command, info_name="solmu")
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words[0]]
        words = words[1:]
    if whole:
        command.make_context("solmu", list(words), parent=context)
        return
    assert command.callback is not None or words == [] or words[0].startswith("-"), words
    options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
    for word in words:
        if word.startswith("-"):
            assert word.partition("=")[0] in options, word
    assert not (hasattr(command, "commands") and words and not words[0].startswith("-")), words


# --- other code ---------------------------------------------------------------------------------------------------


def test_the_connector_in_the_docs_reads_a_folder(tmp_path: Path) -> None:
    [code] = Page(DOCS / "how-to" / "write-a-connector.md").blocks("python")
    found: dict[str, Any] = {}
    exec(compile(code, "write-a-connector.md", "exec", dont_inherit=True), found)
    connector_class: type[Connector] = found["JsonFolderConnector"]
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "one.json").write_text('{"Name": "Kalliola Konepaja Oy"}', encoding="utf-8")
    settings = connector_class.Settings.model_validate({"folder": "cards"})
    with connector_class(name="cards", settings=settings, streams={}, folder=tmp_path) as connector:
        assert connector.check() == []
        [info] = connector.discover()
        [batch] = connector.read(info.name, None)
    assert batch.rows == [Row("one", {"Name": "Kalliola Konepaja Oy"}, place="one.json")]
    assert batch.complete


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_and_json_examples_can_be_read(page: Page) -> None:
    for block in page.blocks("python"):
        compile(block, page.name, "exec")
    for block in page.blocks("json"):
        json.loads(block)
