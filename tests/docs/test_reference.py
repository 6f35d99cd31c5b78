"""The reference is what the code gives, and it is complete."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from solmu import normalise
from solmu.cli import app
from solmu.config.connections import ConnectionDocument, StreamDocument
from solmu.config.connectors import connector_class, connector_names
from solmu.config.settings import HubSettings
from solmu.mapping import TRANSFORMS
from solmu.mapping.outputs import OUTPUTS
from solmu.model import FIELDS, HANGING_FIELDS
from tests.docs.pages import DOCS, REFERENCE, ROOT


@pytest.mark.parametrize("tool", ["tools/docs.py", "tools/picture.py"])
def test_what_is_made_from_code_is_up_to_date(tool: str) -> None:
    done = subprocess.run([sys.executable, tool, "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def commands(command: Any, path: str = "solmu") -> Iterator[str]:
    yield path
    for name, each in getattr(command, "commands", {}).items():
        yield from commands(each, f"{path} {name}")


@pytest.mark.parametrize("command", list(commands(typer.main.get_command(app))))
def test_every_command_is_listed(command: str) -> None:
    assert f"\n## {command}\n" in listed("commands.md")


def test_every_setting_of_a_hub_is_listed() -> None:
    assert not unlisted(HubSettings, "hub.md")


@pytest.mark.parametrize("model", [ConnectionDocument, StreamDocument])
def test_every_key_of_a_connection_is_listed(model: type[BaseModel]) -> None:
    assert not unlisted(model, "connections.md")


@pytest.mark.parametrize("name", connector_names())
def test_every_connector_is_listed_with_its_settings_and_has_a_page(name: str) -> None:
    found = connector_class(name)
    assert f"\n## {name}\n" in listed("connectors.md")
    assert not unlisted(found.Settings, "connectors.md")
    assert not unlisted(found.StreamSettings, "connectors.md")
    assert (DOCS / "how-to" / f"{name}.md").is_file()


@pytest.mark.parametrize("transform", [*TRANSFORMS.values(), *OUTPUTS.values()], ids=lambda each: each.name)
def test_every_transform_is_listed_with_its_options(transform: Any) -> None:
    text = listed("transforms.md")
    assert f"| `{transform.name}` | {transform.purpose}" in text.replace("\\|", "|")
    for option in transform.options:
        assert f"`{option}`" in text


def test_every_canonical_field_is_listed() -> None:
    text = listed("fields.md")
    for fields in [*FIELDS.values(), *HANGING_FIELDS.values()]:
        assert not [name for name in fields if f"\n| `{name}` |" not in text]


def test_every_normaliser_is_listed() -> None:
    public = {name for name in normalise.__all__ if inspect.isfunction(getattr(normalise, name))}
    assert not {name for name in public if f"\n## {name}\n" not in listed("normalisers.md")}


@pytest.mark.parametrize("page", ["hub.md", "connections.md", "connectors.md", "mappings.md", "run-report.md"])
def test_every_key_says_what_it_means(page: str) -> None:
    silent = re.findall(r"^\| `(\w+)` \|.*\|  \|$", listed(page), re.MULTILINE)
    # What a whole block says of a key, above its table, will do.
    assert not [key for key in silent if f"`{key}`" not in re.sub(r"^\|.*$", "", listed(page), flags=re.MULTILINE)]


def unlisted(model: type[BaseModel], page: str) -> set[str]:
    """The keys of a model, and of the blocks within it, that a page has no line for."""
    schema = model.model_json_schema()
    blocks = [schema, *schema.get("$defs", {}).values()]
    keys = {name for block in blocks for name in block.get("properties", {})}
    text = listed(page)
    return {name for name in keys if f"\n| `{name}` |" not in text}


def listed(page: str) -> str:
    return (REFERENCE / page).read_text(encoding="utf-8")
