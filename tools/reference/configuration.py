"""``hub.yaml``, the files in ``connections/``, and the settings and capabilities of every connector."""

from __future__ import annotations

from typing import Any

from connectors.base import Connector
from solmu.config.connections import ConnectionDocument, StreamDocument
from solmu.config.connectors import connector_class, connector_names
from solmu.config.settings import HubSettings
from solmu.exchange import Capabilities
from solmu.golden.rules import Rule
from tools.reference.comments import comments_of
from tools.reference.markdown import code, page, prose, table
from tools.reference.schemas import sections, settings_tables

# Survivorship rules that no hub states: they hold by themselves.
_BY_THEMSELVES = {
    Rule.ANY: "true if any source says so; of `opt_out` and `key_account`, whatever the hub states",
    Rule.PIN: "a steward's own value, above every rule",
}


def hub_page() -> str:
    """``hub.md``."""
    return page(
        "hub.yaml",
        "A key that is not listed is an error that names the line and the nearest key that there is.",
        *sections(HubSettings),
        "## Survivorship rules",
        table(("Rule", "Which value survives"), ((code(name), text) for name, text in survivorship_rules().items())),
    )


def survivorship_rules() -> dict[str, str]:
    """Every rule with its meaning, from the docstring of ``Rule``."""
    said: dict[str, str] = {}
    for part in prose(Rule.__doc__).split("\n\n")[1].rstrip(".").split("·"):
        name, _, text = part.strip().removeprefix("`").partition("`")
        said[name] = text.strip() or f"the {name}"
    said |= {rule.value: text for rule, text in _BY_THEMSELVES.items()}
    return {rule.value: said[rule.value] for rule in Rule}


def connections_page() -> str:
    """``connections.md``."""
    return page(
        "Connections",
        "A connection is a file `connections/<name>.yaml` in the hub. Its connector adds `settings` and, in each "
        "stream, keys of its own: see [Connectors](connectors.md).",
        *sections(ConnectionDocument),
    )


def connectors_page() -> str:
    """``connectors.md``."""
    found = {name: connector_class(name) for name in connector_names()}
    parts: list[str] = []
    for name, each in found.items():
        parts += [
            f"## {name}",
            prose(each.__doc__),
            f"`settings:` {prose(each.Settings.__doc__)}",
            *settings_tables(each.Settings, "settings"),
            "Each of `streams:`, beside [the keys of every stream](connections.md): "
            + prose(each.StreamSettings.__doc__),
            *settings_tables(each.StreamSettings, "streams.*", StreamDocument),
        ]
    return page(
        "Connectors",
        "A secret is never written into a file. It is a reference: `${NAME}` to the environment, `file:///…` to a "
        "file, or `prefect-block:…` to a Prefect block.",
        *parts,
        "## Capabilities",
        "A connection may differ from its connector: a query with a `cursor` reports changes, and an org without our "
        "external id field takes no upserts.",
        table(("Capability", *found, "Meaning"), _capabilities(found)),
    )


def _capabilities(found: dict[str, Any]) -> list[tuple[str, ...]]:
    said = {name: text for name, text in comments_of(Connector).items() if name in Capabilities.__dataclass_fields__}
    return [(code(name), *(_able(each, name) for each in found.values()), prose(text)) for name, text in said.items()]


def _able(connector: Any, name: str) -> str:
    """What a connector declares; what concerns writing only is left blank where nothing is written."""
    only_writing = name in ("max_batch", "bulk_above", "search_lag")
    return "" if only_writing and not connector.can_write else _plain(getattr(connector, name))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "never" if value is None else f"{value:g}"
