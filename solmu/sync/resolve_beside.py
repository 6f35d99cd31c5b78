"""The process that works out what resolving comes to, beside the one that stores it: see ``resolving``."""

from __future__ import annotations

from typing import Any

from solmu.beside.child import Answer, answer
from solmu.config import Hub, load_hub
from solmu.golden.recompute import computed
from solmu.golden.rules import Rules
from solmu.match.beside import Beside
from solmu.match.bundles import Bundle, active
from solmu.match.resolve import mentions_of
from solmu.store import open_store

REMEMBERED = 8_192
"""KiB of the file that it keeps in memory: whenever the other process has written, it reads anew."""


def serve() -> None:
    """Work out the pages that come in on standard input, and answer there, until it ends."""
    answer(_begin)


def works_by(hub: Hub, models: Bundle) -> str:
    """What two processes must agree on."""
    return f"{hub.config_hash} {models.version}"


def _begin(task: Any) -> tuple[str, Answer]:
    folder, url = task
    hub = load_hub(folder)
    store = open_store(url, migrate=False)
    store.remember(REMEMBERED)
    with store.read() as connection:
        models = active(connection)
    settings, rules = hub.settings.matching, Rules.of_hub(hub)
    crms = [each.name for each in hub.connections.values() if each.is_target]
    beside = Beside(store, lambda entity: mentions_of(entity, settings, crms), models, settings.block_cap)
    kinds: dict[str, Answer] = {
        "see": beside.see,
        "compare": beside.compare,
        "computed": lambda work: computed(store, rules, work, protecting=settings.protected),
    }
    return works_by(hub, models), lambda asked: kinds[asked[0]](asked[1])
